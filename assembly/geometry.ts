// The sizes of a convolution or pooling: fifteen 32-bit integers, written by the TypeScript side in this order.

export function batch(g: usize): i32 {
  return load<i32>(g);
}
export function inHeight(g: usize): i32 {
  return load<i32>(g, 4);
}
export function inWidth(g: usize): i32 {
  return load<i32>(g, 8);
}
export function inChannels(g: usize): i32 {
  return load<i32>(g, 12);
}
export function outHeight(g: usize): i32 {
  return load<i32>(g, 16);
}
export function outWidth(g: usize): i32 {
  return load<i32>(g, 20);
}
export function outChannels(g: usize): i32 {
  return load<i32>(g, 24);
}
export function filterHeight(g: usize): i32 {
  return load<i32>(g, 28);
}
export function filterWidth(g: usize): i32 {
  return load<i32>(g, 32);
}
export function strideHeight(g: usize): i32 {
  return load<i32>(g, 36);
}
export function strideWidth(g: usize): i32 {
  return load<i32>(g, 40);
}
export function dilationHeight(g: usize): i32 {
  return load<i32>(g, 44);
}
export function dilationWidth(g: usize): i32 {
  return load<i32>(g, 48);
}
export function padTop(g: usize): i32 {
  return load<i32>(g, 52);
}
export function padLeft(g: usize): i32 {
  return load<i32>(g, 56);
}

/** The first tap of a window that begins at `start` and lies inside the image. */
export function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past the last tap of `taps` that lies inside an image of `length`. */
export function lastTap(start: i32, dilation: i32, length: i32, taps: i32): i32 {
  return start >= length ? 0 : min(taps, (length - start + dilation - 1) / dilation);
}
