import { depthwiseRow } from './depthwise-row';
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

/**
 * dx = activation(its gradient + bias), row by row: each input pixel gathers the output pixels that it fed. Rows are split between the parts. `bias`
 * and `activation`, as of `depthwiseConvolution`, for multiplier 1 alone.
 */
export function depthwiseInputGradient(
  dy: usize,
  w: usize,
  dx: usize,
  g: usize,
  bias: usize,
  activation: i32,
  part: i32,
  parts: i32,
): void {
  const rows = size.batch(g) * size.inHeight(g);
  const first = splitAt(rows, part, parts, 1);
  const last = splitAt(rows, part + 1, parts, 1);
  const isDilated = size.dilationHeight(g) * size.dilationWidth(g) > 1;
  const isStrided = size.strideHeight(g) * size.strideWidth(g) > 1;
  if (size.outChannels(g) == size.inChannels(g) && !(isDilated && isStrided)) {
    for (let row = first; row < last; row++) gatherRow(dy, w, dx, g, row, bias, activation);
  } else scatterRows(dy, w, dx, g, first, last);
}

/**
 * A row of dx by its phases: the pixels a stride apart meet the same taps, and their output pixels lie side by side. The taps
 * go from the last to the first.
 */
function gatherRow(dy: usize, w: usize, dx: usize, g: usize, row: i32, bias: usize, activation: i32): void {
  const pixel = (<usize>size.inChannels(g)) << 2;
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const outHeight = size.outHeight(g);
  const outWidth = size.outWidth(g);
  const strideY = size.strideHeight(g);
  const stride = size.strideWidth(g);
  const rowSpacing = size.dilationHeight(g);
  const spacing = size.dilationWidth(g);
  const line = <usize>outWidth * pixel;
  const filterRow = <usize>size.filterWidth(g) * pixel;
  const y = (row % height) + size.padTop(g);
  const lastRow = lastOfPhase(y % strideY, size.filterHeight(g), strideY);
  const tapRows = lastRow < 0 ? 0 : lastRow / strideY + 1;
  const top = y / strideY - (tapRows - 1) * rowSpacing;
  const first = size.firstTap(top, rowSpacing);
  const end = size.lastTap(top, rowSpacing, outHeight, tapRows);
  const from = dy + <usize>((row / height) * outHeight + top + first * rowSpacing) * line;
  const filters = w + <usize>(lastRow - first * strideY) * filterRow;
  const low: f32 = activation ? 0 : -Infinity;
  const high: f32 = activation == 2 ? 6 : Infinity;
  for (let phase = 0; phase < min(stride, width); phase++) {
    const x = phase + size.padLeft(g);
    const lastTap = lastOfPhase(x % stride, size.filterWidth(g), stride);
    const taps = lastTap < 0 ? 0 : lastTap / stride + 1;
    depthwiseRow(
      from,
      <usize>rowSpacing * line,
      max(0, end - first),
      outWidth,
      x / stride - (taps - 1) * spacing,
      1,
      taps,
      spacing,
      filters + <usize>lastTap * pixel,
      0 - <usize>strideY * filterRow,
      0 - <usize>stride * pixel,
      dx + <usize>(row * width + phase) * pixel,
      <usize>stride * pixel,
      (width - phase + stride - 1) / stride,
      pixel,
      bias,
      low,
      high,
    );
  }
}

/** The last of the taps phase, phase + stride, … below `taps`; less than 0 where there is none. */
function lastOfPhase(phase: i32, taps: i32, stride: i32): i32 {
  return phase >= taps ? -1 : phase + ((taps - 1 - phase) / stride) * stride;
}

/** Rows [first, last) of dx tap by tap, of any multiplier. */
function scatterRows(dy: usize, w: usize, dx: usize, g: usize, first: i32, last: i32): void {
  const height = size.inHeight(g);
  const bytes = (<usize>(size.inWidth(g) * size.inChannels(g))) << 2;
  memory.fill(dx + <usize>first * bytes, 0, <usize>(last - first) * bytes);
  const multiplier = size.outChannels(g) / size.inChannels(g);
  const stepY = (<usize>size.outChannels(g)) << 2;
  const outRow = <usize>size.outWidth(g) * stepY;
  for (let row = first; row < last; row++) {
    const n = row / height;
    const y = row % height;
    for (let ky = 0; ky < size.filterHeight(g); ky++) {
      const source = y + size.padTop(g) - ky * size.dilationHeight(g);
      if (source < 0 || source % size.strideHeight(g) != 0) continue;
      const oy = source / size.strideHeight(g);
      if (oy >= size.outHeight(g)) continue;
      const gradients = dy + <usize>(n * size.outHeight(g) + oy) * outRow;
      for (let kx = 0; kx < size.filterWidth(g); kx++) {
        const tap = w + <usize>(ky * size.filterWidth(g) + kx) * stepY;
        inputTapRow(gradients, tap, dx + <usize>row * bytes, g, kx, multiplier);
      }
    }
  }
}

/** One tap's share of one input row: dx[ox·stride + offset] += dy[ox] ∘ w. */
function inputTapRow(dy: usize, w: usize, dx: usize, g: usize, kx: i32, multiplier: i32): void {
  const channels = size.inChannels(g);
  const width = size.inWidth(g);
  const stride = size.strideWidth(g);
  const offset = kx * size.dilationWidth(g) - size.padLeft(g);
  const from = offset < 0 ? (stride - 1 - offset) / stride : 0;
  const to = offset >= width ? 0 : min(size.outWidth(g), (width - 1 - offset) / stride + 1);
  const stepY = (<usize>(channels * multiplier)) << 2;
  for (let ox = from; ox < to; ox++) {
    let p = dx + ((<usize>(ox * stride + offset) * <usize>channels) << 2);
    let d = dy + <usize>ox * stepY;
    let t = w;
    let c = 0;
    if (multiplier == 1) {
      for (; c + 4 <= channels; c += 4) {
        v128.store(p, madd(v128.load(d), v128.load(t), v128.load(p)));
        p += 16;
        d += 16;
        t += 16;
      }
    } else if (multiplier == 2) {
      for (; c + 4 <= channels; c += 4) {
        const low = f32x4.mul(v128.load(d), v128.load(t));
        const high = f32x4.mul(v128.load(d, 16), v128.load(t, 16));
        const sum = f32x4.add(i32x4.shuffle(low, high, 0, 2, 4, 6), i32x4.shuffle(low, high, 1, 3, 5, 7));
        v128.store(p, f32x4.add(v128.load(p), sum));
        p += 16;
        d += 32;
        t += 32;
      }
    }
    for (; c < channels; c++) {
      let sum = load<f32>(p);
      for (let q = 0; q < multiplier; q++) {
        sum += load<f32>(d) * load<f32>(t);
        d += 4;
        t += 4;
      }
      store<f32>(p, sum);
      p += 4;
    }
  }
}
