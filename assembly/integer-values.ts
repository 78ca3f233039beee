// Real numbers as whole numbers of 16 bits.

/** A number of at most 22 bits, added to this, is rounded as its last bits. */
export const ROUNDING: f32 = 12582912;

/** The largest size of `count` values; not a number where one of them is none. */
export function largestSize(x: usize, count: i32): f32 {
  let sizes = i32x4.splat(0); // bits of sizes are in the order of what they say; the shift drops the sign
  while (count >= 8) {
    sizes = i32x4.max_u(sizes, i32x4.shl(v128.load(x), 1));
    sizes = i32x4.max_u(sizes, i32x4.shl(v128.load(x, 16), 1));
    x += 32;
    count -= 8;
  }
  let most = max(
    max(<u32>i32x4.extract_lane(sizes, 0), <u32>i32x4.extract_lane(sizes, 1)),
    max(<u32>i32x4.extract_lane(sizes, 2), <u32>i32x4.extract_lane(sizes, 3)),
  );
  while (count > 0) {
    most = max(most, load<u32>(x) << 1);
    x += 4;
    count--;
  }
  return reinterpret<f32>(most >> 1);
}

/** Rounds `count` values times `factor` to whole numbers; `rounding`: ROUNDING, four times. */
export function toIntegers(x: usize, count: i32, factor: f32, to: usize, rounding: v128): void {
  const factors = f32x4.splat(factor);
  while (count >= 8) {
    const low = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), factors), rounding), rounding);
    const high = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x, 16), factors), rounding), rounding);
    v128.store(to, i16x8.narrow_i32x4_s(low, high));
    x += 32;
    to += 16;
    count -= 8;
  }
  while (count > 0) {
    store<i16>(to, <i16>(reinterpret<i32>(load<f32>(x) * factor + ROUNDING) - reinterpret<i32>(ROUNDING)));
    x += 4;
    to += 2;
    count--;
  }
}
