// Small pieces that every kernel uses. Addresses and strides are in bytes, counts in elements.

/** a·b + c: fused where the build has relaxed SIMD. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}

/** a·b + c of single numbers, rounded as `madd` rounds. */
export function madd1(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}

/** Where part `part` of `parts` begins, in whole units, of `total`. */
export function splitAt(total: i32, part: i32, parts: i32, unit: i32): i32 {
  const units = (total + unit - 1) / unit;
  return min(total, <i32>((<i64>units * part) / parts) * unit);
}

/** memory.copy for the short runs that a call would dominate. `bytes` is a multiple of 4. */
export function copyRun(to: usize, from: usize, bytes: usize): void {
  if (bytes > 1024) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = from + bytes;
  while (from + 16 <= end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  while (from < end) {
    store<f32>(to, load<f32>(from));
    from += 4;
    to += 4;
  }
}

/** to[i] += from[i]. */
export function addRun(to: usize, from: usize, count: i32): void {
  while (count >= 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
    count -= 4;
  }
  while (count > 0) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
    count--;
  }
}

/** 0 nothing, 1 relu, 2 relu6. */
export function activated(v: f32, activation: i32): f32 {
  if (activation) v = max<f32>(v, 0);
  return activation == 2 ? min<f32>(v, 6) : v;
}

/** `value` four times. V8 would make a constant anew wherever it is used, by three instructions; what it has read it keeps. */
export function fourOf(value: f32, spare: usize): v128 {
  store<f32>(spare, value);
  return v128.load_splat<f32>(spare);
}

/** The least value of an activation, four times. */
export function lowest(activation: i32): v128 {
  return f32x4.splat(activation ? <f32>0 : -(<f32>Infinity));
}

/** The greatest value of an activation, four times. */
export function highest(activation: i32): v128 {
  return f32x4.splat(activation == 2 ? <f32>6 : <f32>Infinity);
}

/**
 * `v` between an activation's bounds, which takes two instructions where choosing the activation for each vector takes ten. f32x4.max keeps what is no number by eight
 * instructions; pmax does by one, in this order.
 */
export function bounded(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** Begins to fetch a row of what a tile adds at its end, which lies too far behind the products for the processor to see it. */
export function touch(p: usize): void {
  load<i32>(p);
}
