import * as size from './geometry';
import { madd, splitAt } from './vector';

/**
 * y = activation(x * w + bias) channel by channel (multiplier 1); activation: 0 nothing, 1 relu, 2 relu6. Rows of the
 * output are split between the parts; taps outside the image are left out.
 */
export function depthwiseConvolution(
  x: usize,
  w: usize,
  y: usize,
  g: usize,
  bias: usize,
  activation: i32,
  part: i32,
  parts: i32,
): void {
  const height = size.outHeight(g);
  const width = size.outWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const rows = size.batch(g) * height;
  const last = splitAt(rows, part + 1, parts, 1);
  const low: f32 = activation ? 0 : -Infinity;
  const high: f32 = activation == 2 ? 6 : Infinity;
  for (let row = splitAt(rows, part, parts, 1); row < last; row++) {
    const top = (row % height) * size.strideHeight(g) - size.padTop(g);
    const image = x + <usize>(row / height) * <usize>(size.inHeight(g) * size.inWidth(g)) * pixel;
    for (let ox = 0; ox < width; ox++) {
      const left = ox * size.strideWidth(g) - size.padLeft(g);
      convolvePixel(image, w, y + <usize>(row * width + ox) * pixel, g, top, left, bias, low, high);
    }
  }
}

function convolvePixel(
  image: usize,
  w: usize,
  y: usize,
  g: usize,
  top: i32,
  left: i32,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const pixel = (<usize>size.inChannels(g)) << 2;
  const filterWidth = size.filterWidth(g);
  const dilationY = size.dilationHeight(g);
  const dilationX = size.dilationWidth(g);
  const step = <usize>dilationX * pixel;
  const firstY = size.firstTap(top, dilationY);
  const lastY = size.lastTap(top, dilationY, size.inHeight(g), size.filterHeight(g));
  const firstX = size.firstTap(left, dilationX);
  const lastX = size.lastTap(left, dilationX, size.inWidth(g), filterWidth);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const zero = f32x4.splat(0);
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    const wide = c + 64 <= pixel;
    let s0 = bias ? v128.load(bias + c) : zero;
    let s1 = bias && wide ? v128.load(bias + c, 16) : zero;
    let s2 = bias && wide ? v128.load(bias + c, 32) : zero;
    let s3 = bias && wide ? v128.load(bias + c, 48) : zero;
    for (let ky = firstY; ky < lastY; ky++) {
      let p = image + <usize>((top + ky * dilationY) * size.inWidth(g) + left + firstX * dilationX) * pixel + c;
      let q = w + <usize>(ky * filterWidth + firstX) * pixel + c;
      for (let kx = firstX; kx < lastX; kx++) {
        s0 = madd(v128.load(p), v128.load(q), s0);
        if (wide) {
          s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
          s2 = madd(v128.load(p, 32), v128.load(q, 32), s2);
          s3 = madd(v128.load(p, 48), v128.load(q, 48), s3);
        }
        p += step;
        q += pixel;
      }
    }
    v128.store(y + c, f32x4.min(f32x4.max(s0, lows), highs));
    if (wide) {
      v128.store(y + c, f32x4.min(f32x4.max(s1, lows), highs), 16);
      v128.store(y + c, f32x4.min(f32x4.max(s2, lows), highs), 32);
      v128.store(y + c, f32x4.min(f32x4.max(s3, lows), highs), 48);
      c += 48;
    }
  }
  for (; c < pixel; c += 4) {
    let sum: f32 = bias ? load<f32>(bias + c) : 0;
    for (let ky = firstY; ky < lastY; ky++) {
      for (let kx = firstX; kx < lastX; kx++) {
        const at = <usize>((top + ky * dilationY) * size.inWidth(g) + left + kx * dilationX) * pixel + c;
        sum += load<f32>(image + at) * load<f32>(w + <usize>(ky * filterWidth + kx) * pixel + c);
      }
    }
    store<f32>(y + c, min<f32>(max<f32>(sum, low), high));
  }
}
