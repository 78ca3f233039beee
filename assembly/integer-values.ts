// Real numbers as whole numbers of 16 bits.

/** A number of at most 22 bits, added to this, is rounded as its last bits. */
const ROUNDING: f32 = 12582912;
const ROUNDING_BITS: i32 = 0x4b400000;

/** The largest size of `count` values; not a number where one of them is none. */
export function largestSize(x: usize, count: i32): f32 {
  const sign = i32x4.splat(0x7fffffff);
  let sizes = i32x4.splat(0); // bits of sizes are in the order of what they say
  while (count >= 8) {
    sizes = i32x4.max_s(sizes, v128.and(v128.load(x), sign));
    sizes = i32x4.max_s(sizes, v128.and(v128.load(x, 16), sign));
    x += 32;
    count -= 8;
  }
  let most = max(
    max(i32x4.extract_lane(sizes, 0), i32x4.extract_lane(sizes, 1)),
    max(i32x4.extract_lane(sizes, 2), i32x4.extract_lane(sizes, 3)),
  );
  while (count > 0) {
    most = max(most, load<i32>(x) & 0x7fffffff);
    x += 4;
    count--;
  }
  return reinterpret<f32>(most);
}

/** Rounds `count` values times `factor` to whole numbers. */
export function toIntegers(x: usize, count: i32, factor: f32, to: usize): void {
  const factors = f32x4.splat(factor);
  const rounding = f32x4.splat(ROUNDING);
  const bits = i32x4.splat(ROUNDING_BITS);
  while (count >= 8) {
    const low = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), factors), rounding), bits);
    const high = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x, 16), factors), rounding), bits);
    v128.store(to, i16x8.narrow_i32x4_s(low, high));
    x += 32;
    to += 16;
    count -= 8;
  }
  while (count > 0) {
    store<i16>(to, <i16>(reinterpret<i32>(load<f32>(x) * factor + ROUNDING) - ROUNDING_BITS));
    x += 4;
    to += 2;
    count--;
  }
}
