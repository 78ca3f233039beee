// Activations that need an exponential, products of maps, and bilinear resizing, for programs.
import { exponential } from './attention';
import * as size from './geometry';
import { madd, splitAt } from './vector';

/** 1 / (1 + e^−v), from the exponential of a number that is not above 0. */
function sigmoid(v: v128): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(v)));
  const one = f32x4.splat(1);
  const top = v128.bitselect(e, one, f32x4.lt(v, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, e));
}

/** 0 sigmoid, 1 silu, 2 tanh. */
function activate4(v: v128, kind: i32): v128 {
  if (kind == 0) return sigmoid(v);
  if (kind == 1) return f32x4.mul(v, sigmoid(v));
  return f32x4.sub(f32x4.mul(sigmoid(f32x4.add(v, v)), f32x4.splat(2)), f32x4.splat(1));
}

/** y = activation(x) for `count` values, split between the parts. */
export function activateValues(x: usize, y: usize, count: i32, kind: i32, part: i32, parts: i32): void {
  const from = splitAt(count, part, parts, 16);
  let left = splitAt(count, part + 1, parts, 16) - from;
  x += (<usize>from) << 2;
  y += (<usize>from) << 2;
  for (; left >= 4; left -= 4) {
    v128.store(y, activate4(v128.load(x), kind));
    x += 16;
    y += 16;
  }
  for (; left > 0; left--) {
    store<f32>(y, f32x4.extract_lane(activate4(v128.load_splat<f32>(x), kind), 0));
    x += 4;
    y += 4;
  }
}

/** y = a ∘ b, or where `pixels` is above 0 a ∘ b's row of its image. Rows are split between the parts. */
export function multiplyMaps(
  a: usize,
  b: usize,
  y: usize,
  rows: i32,
  pixels: i32,
  channels: i32,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>channels) << 2;
  const last = splitAt(rows, part + 1, parts, 1);
  for (let i = splitAt(rows, part, parts, 1); i < last; i++) {
    const at = <usize>i * line;
    const other = b + (pixels ? <usize>(i / pixels) * line : at);
    let c: usize = 0;
    for (; c + 16 <= line; c += 16) v128.store(y + at + c, f32x4.mul(v128.load(a + at + c), v128.load(other + c)));
    for (; c < line; c += 4) store<f32>(y + at + c, load<f32>(a + at + c) * load<f32>(other + c));
  }
}

/** Where output i reads its input: scale·(i + offset) − offset. */
function sourceOf(i: i32, scale: f32, offset: f32): f32 {
  return (<f32>i + offset) * scale - offset;
}

/**
 * Bilinear resizing: output (i, j) reads `scale`·(i + offset) − offset, between pixels and up to the edges. Rows of the output are split between the
 * parts.
 */
export function resizeBilinear(
  x: usize,
  y: usize,
  g: usize,
  scaleY: f32,
  scaleX: f32,
  offset: f32,
  part: i32,
  parts: i32,
): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const outHeight = size.outHeight(g);
  const outWidth = size.outWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const line = <usize>width * pixel;
  const rows = size.batch(g) * outHeight;
  const last = splitAt(rows, part + 1, parts, 1);
  for (let row = splitAt(rows, part, parts, 1); row < last; row++) {
    const atY = sourceOf(row % outHeight, scaleY, offset);
    const floorY = floor<f32>(atY);
    const shareY = f32x4.splat(atY - floorY);
    const image = x + <usize>((row / outHeight) * height) * line;
    const top = image + <usize>max(0, <i32>floorY) * line;
    const bottom = image + <usize>min(height - 1, <i32>ceil<f32>(atY)) * line;
    for (let ox = 0; ox < outWidth; ox++) {
      const atX = sourceOf(ox, scaleX, offset);
      const floorX = floor<f32>(atX);
      const shareX = f32x4.splat(atX - floorX);
      const left = <usize>max(0, <i32>floorX) * pixel;
      const right = <usize>min(width - 1, <i32>ceil<f32>(atX)) * pixel;
      const to = y + <usize>(row * outWidth + ox) * pixel;
      let c: usize = 0;
      for (; c + 16 <= pixel; c += 16) {
        const topLeft = v128.load(top + left + c);
        const bottomLeft = v128.load(bottom + left + c);
        const above = madd(f32x4.sub(v128.load(top + right + c), topLeft), shareX, topLeft);
        const below = madd(f32x4.sub(v128.load(bottom + right + c), bottomLeft), shareX, bottomLeft);
        v128.store(to + c, madd(f32x4.sub(below, above), shareY, above));
      }
      const sx: f32 = atX - floorX;
      const sy: f32 = atY - floorY;
      for (; c < pixel; c += 4) {
        const topLeft = load<f32>(top + left + c);
        const bottomLeft = load<f32>(bottom + left + c);
        const above = topLeft + (load<f32>(top + right + c) - topLeft) * sx;
        const below = bottomLeft + (load<f32>(bottom + right + c) - bottomLeft) * sx;
        store<f32>(to + c, above + (below - above) * sy);
      }
    }
  }
}
