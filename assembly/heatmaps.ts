// The decoders' passes over channels-last heatmaps, for a memory of their own. Pointers are bytes; K is at least 4.
// Twenty channels are read at a time, as five vectors; the last of them overlap where K is no multiple of four.

const MAGIC: f32 = 12582912.0; // 1.5·2²³: adding it leaves the nearest integer in the low bits

function offsetOf(group: i32, first: i32, K: i32): usize {
  return (<usize>min(first + group * 4, K - 4)) << 2;
}

/** Each channel's first maximum: values f32[K], cells i32[K]; −∞ and 0 where there is no number. */
export function peaks(maps: usize, cells: i32, K: i32, values: usize, at: usize): void {
  const stride = (<usize>K) << 2;
  for (let first = 0; first < K; first += 20) {
    const o0 = offsetOf(0, first, K);
    const o1 = offsetOf(1, first, K);
    const o2 = offsetOf(2, first, K);
    const o3 = offsetOf(3, first, K);
    const o4 = offsetOf(4, first, K);
    let b0 = f32x4.splat(-Infinity),
      b1 = b0,
      b2 = b0,
      b3 = b0,
      b4 = b0;
    let i0 = i32x4.splat(0),
      i1 = i0,
      i2 = i0,
      i3 = i0,
      i4 = i0;
    let p = maps;
    for (let cell = 0; cell < cells; cell++, p += stride) {
      const v0 = v128.load(p + o0),
        v1 = v128.load(p + o1),
        v2 = v128.load(p + o2),
        v3 = v128.load(p + o3),
        v4 = v128.load(p + o4);
      const g0 = f32x4.gt(v0, b0),
        g1 = f32x4.gt(v1, b1),
        g2 = f32x4.gt(v2, b2),
        g3 = f32x4.gt(v3, b3),
        g4 = f32x4.gt(v4, b4);
      const any = v128.or(v128.or(v128.or(g0, g1), v128.or(g2, g3)), g4);
      if (!v128.any_true(any)) continue; // a new maximum is rare
      const index = i32x4.splat(cell);
      b0 = v128.bitselect(v0, b0, g0);
      b1 = v128.bitselect(v1, b1, g1);
      b2 = v128.bitselect(v2, b2, g2);
      b3 = v128.bitselect(v3, b3, g3);
      b4 = v128.bitselect(v4, b4, g4);
      i0 = v128.bitselect(index, i0, g0);
      i1 = v128.bitselect(index, i1, g1);
      i2 = v128.bitselect(index, i2, g2);
      i3 = v128.bitselect(index, i3, g3);
      i4 = v128.bitselect(index, i4, g4);
    }
    v128.store(values + o0, b0);
    v128.store(values + o1, b1);
    v128.store(values + o2, b2);
    v128.store(values + o3, b3);
    v128.store(values + o4, b4);
    v128.store(at + o0, i0);
    v128.store(at + o1, i1);
    v128.store(at + o2, i2);
    v128.store(at + o3, i3);
    v128.store(at + o4, i4);
  }
}

/** The constants of exp2 as vectors in memory: held in registers or read from there, where V8 would build each anew. */
function storeConstants(at: usize): void {
  v128.store(at, f32x4.splat(MAGIC));
  v128.store(at + 16, f32x4.splat(0.0013276471030436567));
  v128.store(at + 32, f32x4.splat(0.009675541326788092));
  v128.store(at + 48, f32x4.splat(0.05550713276474339));
  v128.store(at + 64, f32x4.splat(0.24022119724030805));
  v128.store(at + 80, f32x4.splat(0.6931469670629382));
  v128.store(at + 96, f32x4.splat(1.000000071654625));
  v128.store(at + 112, f32x4.splat(1));
}

/** 2^t where `kept`, else 0; relative error 1e-7 for −126 < t ≤ 0. */
function exp2(t: v128, kept: v128, constants: usize): v128 {
  const magic = v128.load(constants);
  const shifted = f32x4.add(t, magic);
  const f = f32x4.sub(t, f32x4.sub(shifted, magic));
  let p = v128.load(constants + 16);
  p = f32x4.add(f32x4.mul(p, f), v128.load(constants + 32));
  p = f32x4.add(f32x4.mul(p, f), v128.load(constants + 48));
  p = f32x4.add(f32x4.mul(p, f), v128.load(constants + 64));
  p = f32x4.add(f32x4.mul(p, f), v128.load(constants + 80));
  p = f32x4.add(f32x4.mul(p, f), v128.load(constants + 96));
  return v128.and(i32x4.add(p, i32x4.shl(shifted, 23)), kept);
}

/** Adds a row's totals and x-sums of four channels to f64 accumulators: total, x and y, K each. */
function addRow(sums: usize, K: i32, offset: usize, total: v128, sumX: v128, y: f64): void {
  const step = (<usize>K) << 3;
  const row = f64x2.splat(y);
  for (let half = 0; half < 2; half++) {
    const t = f64x2.promote_low_f32x4(total);
    const x = f64x2.promote_low_f32x4(sumX);
    const at = sums + (offset << 1) + ((<usize>half) << 4);
    v128.store(at, f64x2.add(v128.load(at), t));
    v128.store(at + step, f64x2.add(v128.load(at + step), x));
    v128.store(at + 2 * step, f64x2.add(v128.load(at + 2 * step), f64x2.mul(t, row)));
    total = i64x2.shuffle(total, total, 1, 0);
    sumX = i64x2.shuffle(sumX, sumX, 1, 0);
  }
}

/**
 * Sums of 2^(scale·(v − peak)) over the cells whose value is at least `lowest`, for each channel: total, x and y in
 * f64[3·K], which must be 0 before. Rows are summed in float32, their sums in float64. Channels in two vectors count
 * twice in all three sums alike, which leaves the means as they are.
 */
export function softSums(
  maps: usize,
  width: i32,
  height: i32,
  K: i32,
  peak: usize,
  lowest: usize,
  scale: f32,
  sums: usize,
  constants: usize,
): void {
  storeConstants(constants);
  for (let first = 0; first < K; first += 8) {
    const o0 = offsetOf(0, first, K);
    const o1 = offsetOf(1, first, K);
    if (o0 == o1) softGroup(maps, width, height, K, peak, lowest, scale, sums, constants, o0);
    else softPair(maps, width, height, K, peak, lowest, scale, sums, constants, o0, o1);
  }
}

/** Two vectors of channels. After a row with many cells that count, the next is summed without asking which do. */
function softPair(
  maps: usize,
  width: i32,
  height: i32,
  K: i32,
  peak: usize,
  lowest: usize,
  scale: f32,
  sums: usize,
  constants: usize,
  o0: usize,
  o1: usize,
): void {
  const stride = (<usize>K) << 2;
  const s = f32x4.splat(scale);
  const p0 = v128.load(peak + o0),
    p1 = v128.load(peak + o1);
  const l0 = v128.load(lowest + o0),
    l1 = v128.load(lowest + o1);
  let p = maps;
  let dense = false;
  for (let y = 0; y < height; y++) {
    let t0 = f32x4.splat(0),
      t1 = t0,
      x0 = t0,
      x1 = t0;
    let column = t0;
    let counted = 0;
    for (let x = 0; x < width; x++, p += stride, column = f32x4.add(column, v128.load(constants + 112))) {
      const v0 = v128.load(p + o0),
        v1 = v128.load(p + o1);
      const k0 = f32x4.ge(v0, l0),
        k1 = f32x4.ge(v1, l1);
      if (!dense && !v128.any_true(v128.or(k0, k1))) continue;
      counted++;
      const w0 = exp2(f32x4.mul(f32x4.sub(v0, p0), s), k0, constants);
      const w1 = exp2(f32x4.mul(f32x4.sub(v1, p1), s), k1, constants);
      t0 = f32x4.add(t0, w0);
      t1 = f32x4.add(t1, w1);
      x0 = f32x4.add(x0, f32x4.mul(w0, column));
      x1 = f32x4.add(x1, f32x4.mul(w1, column));
    }
    if (counted == 0) continue;
    dense = counted * 2 > width && (y & 7) != 7; // asked again every eighth row
    addRow(sums, K, o0, t0, x0, <f64>y);
    addRow(sums, K, o1, t1, x1, <f64>y);
  }
}

/** One vector of channels, what pairs leave over. */
function softGroup(
  maps: usize,
  width: i32,
  height: i32,
  K: i32,
  peak: usize,
  lowest: usize,
  scale: f32,
  sums: usize,
  constants: usize,
  o0: usize,
): void {
  const stride = (<usize>K) << 2;
  const s = f32x4.splat(scale);
  const p0 = v128.load(peak + o0);
  const l0 = v128.load(lowest + o0);
  let p = maps;
  let dense = false;
  for (let y = 0; y < height; y++) {
    let t0 = f32x4.splat(0),
      x0 = t0;
    let column = t0;
    let counted = 0;
    for (let x = 0; x < width; x++, p += stride, column = f32x4.add(column, v128.load(constants + 112))) {
      const v0 = v128.load(p + o0);
      const k0 = f32x4.ge(v0, l0);
      if (!dense && !v128.any_true(k0)) continue;
      counted++;
      const w0 = exp2(f32x4.mul(f32x4.sub(v0, p0), s), k0, constants);
      t0 = f32x4.add(t0, w0);
      x0 = f32x4.add(x0, f32x4.mul(w0, column));
    }
    if (counted == 0) continue;
    dense = counted * 3 > width && (y & 7) != 7;
    addRow(sums, K, o0, t0, x0, <f64>y);
  }
}
