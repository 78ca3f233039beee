import * as size from './geometry';
import { madd, splitAt } from './vector';

/**
 * dw = Σ x[tap] ∘ dy for multipliers 1 and 2. Channels are split between the parts in fours; dw needs no scratch.
 */
export function depthwiseFilterGradient(x: usize, dy: usize, dw: usize, g: usize, part: i32, parts: i32): void {
  const channels = size.inChannels(g);
  const multiplier = size.outChannels(g) / channels;
  const first = splitAt(channels, part, parts, 4);
  const last = splitAt(channels, part + 1, parts, 4);
  for (let tap = 0; tap < size.filterHeight(g) * size.filterWidth(g); tap++) {
    memory.fill(
      dw + ((<usize>(tap * channels + first) * <usize>multiplier) << 2),
      0,
      (<usize>(last - first) * <usize>multiplier) << 2,
    );
  }
  for (let n = 0; n < size.batch(g); n++) {
    for (let oy = 0; oy < size.outHeight(g); oy++) {
      for (let ky = 0; ky < size.filterHeight(g); ky++) {
        const y = oy * size.strideHeight(g) + ky * size.dilationHeight(g) - size.padTop(g);
        if (y < 0 || y >= size.inHeight(g)) continue;
        for (let kx = 0; kx < size.filterWidth(g); kx++) {
          filterTapRow(x, dy, dw, g, n, oy, y, ky, kx, first, last, multiplier);
        }
      }
    }
  }
}

/** One output row's share of one tap, summed apart and then added, which keeps the rounding error small. */
function filterTapRow(
  x: usize,
  dy: usize,
  dw: usize,
  g: usize,
  n: i32,
  oy: i32,
  y: i32,
  ky: i32,
  kx: i32,
  first: i32,
  last: i32,
  multiplier: i32,
): void {
  const channels = size.inChannels(g);
  const width = size.inWidth(g);
  const outWidth = size.outWidth(g);
  const stride = size.strideWidth(g);
  const offset = kx * size.dilationWidth(g) - size.padLeft(g);
  const from = offset < 0 ? (stride - 1 - offset) / stride : 0;
  const to = offset >= width ? 0 : min(outWidth, (width - 1 - offset) / stride + 1);
  if (from >= to) return;
  const count = to - from;
  const stepX = (<usize>(stride * channels)) << 2;
  const stepY = (<usize>(channels * multiplier)) << 2;
  const row = x + ((<usize>((n * size.inHeight(g) + y) * width + from * stride + offset) * <usize>channels) << 2);
  const gradients = dy + <usize>((n * size.outHeight(g) + oy) * outWidth + from) * stepY;
  const sums = dw + <usize>(ky * size.filterWidth(g) + kx) * stepY;
  let c = first;
  if (multiplier == 1) {
    for (; c + 16 <= last; c += 16) sixteenChannels(row, gradients, sums, (<usize>c) << 2, stepX, stepY, count);
    for (; c + 4 <= last; c += 4) fourChannels(row, gradients, sums, (<usize>c) << 2, stepX, stepY, count);
  } else if (multiplier == 2) {
    for (; c + 4 <= last; c += 4) fourChannelsTwice(row, gradients, sums, (<usize>c) << 2, stepX, stepY, count);
  }
  for (; c < last; c++) {
    for (let q = 0; q < multiplier; q++) {
      let p = row + ((<usize>c) << 2);
      const o = (<usize>(c * multiplier + q)) << 2;
      let d = gradients + o;
      let sum: f32 = 0;
      for (let i = 0; i < count; i++) {
        sum += load<f32>(p) * load<f32>(d);
        p += stepX;
        d += stepY;
      }
      store<f32>(sums + o, load<f32>(sums + o) + sum);
    }
  }
}

function sixteenChannels(x: usize, dy: usize, dw: usize, at: usize, stepX: usize, stepY: usize, count: i32): void {
  let p = x + at;
  let d = dy + at;
  const s = dw + at;
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    s0 = madd(v128.load(p), v128.load(d), s0);
    s1 = madd(v128.load(p, 16), v128.load(d, 16), s1);
    s2 = madd(v128.load(p, 32), v128.load(d, 32), s2);
    s3 = madd(v128.load(p, 48), v128.load(d, 48), s3);
    p += stepX;
    d += stepY;
  }
  v128.store(s, f32x4.add(v128.load(s), s0));
  v128.store(s, f32x4.add(v128.load(s, 16), s1), 16);
  v128.store(s, f32x4.add(v128.load(s, 32), s2), 32);
  v128.store(s, f32x4.add(v128.load(s, 48), s3), 48);
}

function fourChannels(x: usize, dy: usize, dw: usize, at: usize, stepX: usize, stepY: usize, count: i32): void {
  let p = x + at;
  let d = dy + at;
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    sum = madd(v128.load(p), v128.load(d), sum);
    p += stepX;
    d += stepY;
  }
  v128.store(dw + at, f32x4.add(v128.load(dw + at), sum));
}

function fourChannelsTwice(x: usize, dy: usize, dw: usize, at: usize, stepX: usize, stepY: usize, count: i32): void {
  let p = x + at;
  let d = dy + 2 * at;
  const s = dw + 2 * at;
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const v = v128.load(p);
    s0 = madd(i32x4.shuffle(v, v, 0, 0, 1, 1), v128.load(d), s0);
    s1 = madd(i32x4.shuffle(v, v, 2, 2, 3, 3), v128.load(d, 16), s1);
    p += stepX;
    d += stepY;
  }
  v128.store(s, f32x4.add(v128.load(s), s0));
  v128.store(s, f32x4.add(v128.load(s, 16), s1), 16);
}
