import { splitAt } from './vector';

/** dx = dy where y > 0, else 0, for `count` values, split between the parts. */
export function reluGradient(dy: usize, y: usize, dx: usize, count: i32, part: i32, parts: i32): void {
  const zero = f32x4.splat(0);
  const end = dy + ((<usize>splitAt(count, part + 1, parts, 16)) << 2);
  const from = (<usize>splitAt(count, part, parts, 16)) << 2;
  dy += from;
  y += from;
  dx += from;
  while (dy + 16 <= end) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16;
    y += 16;
    dx += 16;
  }
  while (dy < end) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4;
    y += 4;
    dx += 4;
  }
}

/** y = max(x, 0) for `count` values, split between the parts. */
export function relu(x: usize, y: usize, count: i32, part: i32, parts: i32): void {
  const zero = f32x4.splat(0);
  const from = splitAt(count, part, parts, 16);
  let left = splitAt(count, part + 1, parts, 16) - from;
  x += (<usize>from) << 2;
  y += (<usize>from) << 2;
  for (; left >= 4; left -= 4) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
    x += 16;
    y += 16;
  }
  for (; left > 0; left--) {
    store<f32>(y, max<f32>(load<f32>(x), 0));
    x += 4;
    y += 4;
  }
}
