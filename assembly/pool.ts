import * as size from './geometry';
import { splitAt } from './vector';

/** The gradient of max pooling: each window's goes to the first of its maxima. Images are split between the parts. */
export function maxPoolGradient(dy: usize, x: usize, y: usize, dx: usize, g: usize, part: i32, parts: i32): void {
  const channels = size.inChannels(g);
  const pixel = (<usize>channels) << 2;
  const width = size.inWidth(g);
  const height = size.inHeight(g);
  const outWidth = size.outWidth(g);
  const outHeight = size.outHeight(g);
  const image = <usize>(width * height) * pixel;
  const first = splitAt(size.batch(g), part, parts, 1);
  const last = splitAt(size.batch(g), part + 1, parts, 1);
  memory.fill(dx + <usize>first * image, 0, <usize>(last - first) * image);
  for (let n = first; n < last; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const top = oy * size.strideHeight(g) - size.padTop(g);
        const left = ox * size.strideWidth(g) - size.padLeft(g);
        const out = <usize>((n * outHeight + oy) * outWidth + ox) * pixel;
        let c: usize = 0;
        for (; c + 16 <= pixel; c += 16) {
          const best = v128.load(y + out + c);
          let open = v128.load(dy + out + c);
          for (let ky = 0; ky < size.filterHeight(g); ky++) {
            const row = top + ky * size.dilationHeight(g);
            if (row < 0 || row >= height) continue;
            for (let kx = 0; kx < size.filterWidth(g); kx++) {
              const column = left + kx * size.dilationWidth(g);
              if (column < 0 || column >= width) continue;
              const at = <usize>((n * height + row) * width + column) * pixel + c;
              const hit = f32x4.eq(v128.load(x + at), best);
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(open, hit)));
              open = v128.andnot(open, hit);
            }
          }
        }
        for (; c < pixel; c += 4) poolOneChannel(dy + out + c, x + c, load<f32>(y + out + c), dx + c, g, n, top, left);
      }
    }
  }
}

function poolOneChannel(dy: usize, x: usize, best: f32, dx: usize, g: usize, n: i32, top: i32, left: i32): void {
  const pixel = (<usize>size.inChannels(g)) << 2;
  for (let ky = 0; ky < size.filterHeight(g); ky++) {
    const row = top + ky * size.dilationHeight(g);
    if (row < 0 || row >= size.inHeight(g)) continue;
    for (let kx = 0; kx < size.filterWidth(g); kx++) {
      const column = left + kx * size.dilationWidth(g);
      if (column < 0 || column >= size.inWidth(g)) continue;
      const at = <usize>((n * size.inHeight(g) + row) * size.inWidth(g) + column) * pixel;
      if (load<f32>(x + at) != best) continue;
      store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
      return;
    }
  }
}
