import { madd, splitAt } from './vector';

/** e^v for v ≤ 0, to a unit in the last place or two: 2ⁿ times a polynomial over ±ln 2 / 2. */
export function exponential(v: v128): v128 {
  v = f32x4.max(v, f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(v, f32x4.splat(1.44269504)));
  // ln 2 in two parts, so that n · ln 2 keeps its digits.
  let r = f32x4.sub(v, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(0.00021219444)));
  let p = f32x4.splat(1.0 / 5040);
  p = madd(p, r, f32x4.splat(1.0 / 720));
  p = madd(p, r, f32x4.splat(1.0 / 120));
  p = madd(p, r, f32x4.splat(1.0 / 24));
  p = madd(p, r, f32x4.splat(1.0 / 6));
  p = madd(p, r, f32x4.splat(0.5));
  p = madd(p, r, f32x4.splat(1));
  p = madd(p, r, f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

function sumOfLanes(v: v128): f32 {
  const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1);
  return low + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** The product of two rows of `bytes`. */
function dotOf(a: usize, b: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let q: usize = 0;
  for (; q + 32 <= bytes; q += 32) {
    s0 = madd(v128.load(a + q), v128.load(b + q), s0);
    s1 = madd(v128.load(a + q, 16), v128.load(b + q, 16), s1);
  }
  let sum = sumOfLanes(f32x4.add(s0, s1));
  for (; q < bytes; q += 4) sum += load<f32>(a + q) * load<f32>(b + q);
  return sum;
}

/** y[i] = x[i, ·] · w + bias[0]: a convolution to one channel. Rows are split between the parts. */
export function rowDots(x: usize, w: usize, bias: usize, y: usize, rows: i32, k: i32, part: i32, parts: i32): void {
  const line = (<usize>k) << 2;
  const offset: f32 = bias ? load<f32>(bias) : 0;
  const last = splitAt(rows, part + 1, parts, 4);
  for (let i = splitAt(rows, part, parts, 4); i < last; i++) {
    store<f32>(y + ((<usize>i) << 2), dotOf(x + <usize>i * line, w, line) + offset);
  }
}

/** out = e^(logit − the largest), `count` of them and zeros to a multiple of four; returns 1 / their sum. */
function softmaxWeights(logits: usize, count: i32, out: usize): f32 {
  let largest: f32 = -Infinity;
  for (let i = 0; i < count; i++) largest = max<f32>(largest, load<f32>(logits + ((<usize>i) << 2)));
  const top = f32x4.splat(largest);
  const whole = (<usize>(count & ~3)) << 2;
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const weights = exponential(f32x4.sub(v128.load(logits + at), top));
    v128.store(out + at, weights);
    sums = f32x4.add(sums, weights);
  }
  let sum = sumOfLanes(sums);
  for (let i = count & ~3; i < count; i++) {
    const at = (<usize>i) << 2;
    const weight = f32x4.extract_lane(exponential(f32x4.splat(load<f32>(logits + at) - largest)), 0);
    store<f32>(out + at, weight);
    sum += weight;
  }
  return <f32>1 / sum;
}

/** Each row of y [rows, columns] = the softmax of x's. Rows are split between the parts. */
export function softmaxRows(x: usize, y: usize, rows: i32, columns: i32, part: i32, parts: i32): void {
  const line = (<usize>columns) << 2;
  const last = splitAt(rows, part + 1, parts, 1);
  for (let i = splitAt(rows, part, parts, 1); i < last; i++) {
    const out = y + <usize>i * line;
    const share = softmaxWeights(x + <usize>i * line, columns, out);
    for (let c: usize = 0; c < line; c += 4) store<f32>(out + c, load<f32>(out + c) * share);
  }
}

/** Pixels summed apart before they join the total, for the rounding error. */
const PIXELS: i32 = 256;

/**
 * y[n, c] = Σ softmax(logits[n, ·])[p] · x[n, p, c]. Channels are split between the parts, each of which takes the softmax
 * itself. Scratch: `pixels` floats; 0 where `logits` are the weights already.
 */
export function attentionPool(
  x: usize,
  logits: usize,
  y: usize,
  images: i32,
  pixels: i32,
  channels: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>channels) << 2;
  const from = (<usize>splitAt(channels, part, parts, 16)) << 2;
  const to = (<usize>splitAt(channels, part + 1, parts, 16)) << 2;
  for (let n = 0; n < images; n++) {
    const own = logits + ((<usize>n * <usize>pixels) << 2);
    const share: f32 = scratch ? softmaxWeights(own, pixels, scratch) : 1;
    const weights = scratch ? scratch : own;
    const image = x + <usize>n * <usize>pixels * line;
    const out = y + <usize>n * line;
    let c = from;
    for (; c + 64 <= to; c += 64) {
      let p = image + c;
      let t0 = f32x4.splat(0);
      let t1 = f32x4.splat(0);
      let t2 = f32x4.splat(0);
      let t3 = f32x4.splat(0);
      for (let first = 0; first < pixels; first += PIXELS) {
        const last = min(pixels, first + PIXELS);
        let s0 = f32x4.splat(0);
        let s1 = f32x4.splat(0);
        let s2 = f32x4.splat(0);
        let s3 = f32x4.splat(0);
        for (let i = first; i < last; i++) {
          const weight = v128.load_splat<f32>(weights + ((<usize>i) << 2));
          s0 = madd(weight, v128.load(p), s0);
          s1 = madd(weight, v128.load(p, 16), s1);
          s2 = madd(weight, v128.load(p, 32), s2);
          s3 = madd(weight, v128.load(p, 48), s3);
          p += line;
        }
        t0 = f32x4.add(t0, s0);
        t1 = f32x4.add(t1, s1);
        t2 = f32x4.add(t2, s2);
        t3 = f32x4.add(t3, s3);
      }
      const factor = f32x4.splat(share);
      v128.store(out + c, f32x4.mul(t0, factor));
      v128.store(out + c, f32x4.mul(t1, factor), 16);
      v128.store(out + c, f32x4.mul(t2, factor), 32);
      v128.store(out + c, f32x4.mul(t3, factor), 48);
    }
    for (; c < to; c += 4) {
      let sum: f32 = 0;
      for (let i = 0; i < pixels; i++)
        sum += load<f32>(weights + ((<usize>i) << 2)) * load<f32>(image + <usize>i * line + c);
      store<f32>(out + c, sum * share);
    }
  }
}

/**
 * The gradients of attention pooling by the softmax s of x·w + b, with the pooled rows [images, channels] and theirs, dy: of the logits
 * s[p]·(x[p]·dy − pooled·dy), and of x, dx[p] = s[p]·dy + that · w. Rows are split between the parts.
 */
export function attentionPoolGradient(
  x: usize,
  weights: usize,
  pooled: usize,
  dy: usize,
  w: usize,
  dx: usize,
  dLogits: usize,
  images: i32,
  pixels: i32,
  channels: i32,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>channels) << 2;
  const last = splitAt(images * pixels, part + 1, parts, 4);
  let image = -1;
  let own: usize = 0;
  let mean: f32 = 0;
  for (let i = splitAt(images * pixels, part, parts, 4); i < last; i++) {
    if (i / pixels != image) {
      image = i / pixels;
      own = dy + <usize>image * line;
      mean = dotOf(pooled + <usize>image * line, own, line);
    }
    const at = <usize>i * line;
    const share = load<f32>(weights + ((<usize>i) << 2));
    const slope = share * (dotOf(x + at, own, line) - mean);
    store<f32>(dLogits + ((<usize>i) << 2), slope);
    const shares = f32x4.splat(share);
    const slopes = f32x4.splat(slope);
    let c: usize = 0;
    for (; c + 16 <= line; c += 16) {
      v128.store(dx + at + c, madd(slopes, v128.load(w + c), f32x4.mul(shares, v128.load(own + c))));
    }
    for (; c < line; c += 4) store<f32>(dx + at + c, share * load<f32>(own + c) + slope * load<f32>(w + c));
  }
}

/** Each row of x [rows, channels] normalised to mean 0 and variance 1, times gamma plus beta. */
export function layerNorm(
  x: usize,
  gamma: usize,
  beta: usize,
  y: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  activation: i32,
): void {
  const line = (<usize>channels) << 2;
  for (let i = 0; i < rows; i++) {
    let mean: f64 = 0;
    for (let c: usize = 0; c < line; c += 4) mean += load<f32>(x + c);
    mean /= <f64>channels;
    let variance: f64 = 0;
    for (let c: usize = 0; c < line; c += 4) {
      const d = <f64>load<f32>(x + c) - mean;
      variance += d * d;
    }
    const scale = 1 / sqrt(variance / <f64>channels + <f64>epsilon);
    for (let c: usize = 0; c < line; c += 4) {
      const v = <f32>((<f64>load<f32>(x + c) - mean) * scale) * load<f32>(gamma + c) + load<f32>(beta + c);
      store<f32>(y + c, activation ? max<f32>(v, 0) : v);
    }
    x += line;
    y += line;
  }
}
