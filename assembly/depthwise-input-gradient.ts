import { pairsRow } from './depthwise-pairs';
import { depthwiseRow } from './depthwise-row';
import * as size from './geometry';
import { madd, splitAt } from './vector';

/**
 * dx = activation(its gradient + bias), row by row: each input pixel gathers the output pixels that it fed. Rows are split between the parts. `bias`
 * and `activation`, as of `depthwiseConvolution`, for multipliers 1 and 2 without stride or without dilation.
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
  if (size.outChannels(g) <= 2 * size.inChannels(g) && !(isDilated && isStrided)) {
    for (let row = first; row < last; row++) gatherRow(dy, w, dx, g, row, bias, activation);
  } else scatterRows(dy, w, dx, g, first, last);
}

/**
 * A row of dx by its phases: the pixels a stride apart meet the same taps, and their output pixels lie side by side. The taps
 * go from the last to the first.
 */
function gatherRow(dy: usize, w: usize, dx: usize, g: usize, row: i32, bias: usize, activation: i32): void {
  const pixel = (<usize>size.inChannels(g)) << 2;
  const wide = (<usize>size.outChannels(g)) << 2;
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const outHeight = size.outHeight(g);
  const outWidth = size.outWidth(g);
  const strideY = size.strideHeight(g);
  const stride = size.strideWidth(g);
  const rowSpacing = size.dilationHeight(g);
  const spacing = size.dilationWidth(g);
  const line = <usize>outWidth * wide;
  const filterRow = <usize>size.filterWidth(g) * wide;
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
  const rowX = <usize>rowSpacing * line;
  const rowW = 0 - <usize>strideY * filterRow;
  const tapW = 0 - <usize>stride * wide;
  const step = <usize>stride * pixel;
  const rows = max(0, end - first);
  for (let phase = 0; phase < min(stride, width); phase++) {
    const x = phase + size.padLeft(g);
    const lastTap = lastOfPhase(x % stride, size.filterWidth(g), stride);
    const taps = lastTap < 0 ? 0 : lastTap / stride + 1;
    const start = x / stride - (taps - 1) * spacing;
    const last = filters + <usize>lastTap * wide;
    const to = dx + <usize>(row * width + phase) * pixel;
    const count = (width - phase + stride - 1) / stride;
    if (wide == pixel) {
      depthwiseRow(
        from,
        rowX,
        rows,
        outWidth,
        start,
        1,
        taps,
        spacing,
        last,
        rowW,
        tapW,
        to,
        step,
        count,
        pixel,
        bias,
        low,
        high,
      );
    } else {
      pairsRow(
        from,
        rowX,
        rows,
        outWidth,
        start,
        taps,
        spacing,
        last,
        rowW,
        tapW,
        to,
        step,
        count,
        pixel,
        bias,
        low,
        high,
      );
    }
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
