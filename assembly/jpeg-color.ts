// From planes of luma and chroma to interleaved RGB, as libjpeg does it: "fancy" (triangle) upsampling of the chroma, then
// YCbCr with 16-bit constants. To the very bit.

/** 3·near + far of a chroma row, or the row itself, as i16 with its ends repeated once; `to` has room for 16 before it. */
function chromaRow(near: usize, far: usize, width: i32, vertical: bool, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 8) {
    let value = v128.load8x8_u(near + x);
    if (vertical) value = i16x8.add(i16x8.add(value, i16x8.shl(value, 1)), v128.load8x8_u(far + x));
    v128.store(to + (x << 1), value);
  }
  store<i16>(to - 2, load<i16>(to));
  const last = to + ((<usize>width) << 1);
  store<i16>(last, load<i16>(last - 2));
}

/** (x·factor + ½) >> 16, in eight lanes. */
function scaled(x: v128, factor: i16): v128 {
  const by = i16x8.splat(factor);
  const half = i32x4.splat(32768);
  const a = i32x4.shr_s(i32x4.add(i32x4.extmul_low_i16x8_s(x, by), half), 16);
  const b = i32x4.shr_s(i32x4.add(i32x4.extmul_high_i16x8_s(x, by), half), 16);
  return i16x8.narrow_i32x4_s(a, b);
}

function red(y: v128, cr: v128): v128 {
  return i16x8.add(i16x8.add(y, cr), scaled(cr, 26345));
}

function blue(y: v128, cb: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), scaled(cb, -14942));
}

function green(y: v128, cb: v128, cr: v128): v128 {
  const factors = i32x4.splat((-22554 & 0xffff) | (18734 << 16));
  const half = i32x4.splat(32768);
  const low = i16x8.shuffle(cb, cr, 0, 8, 1, 9, 2, 10, 3, 11);
  const high = i16x8.shuffle(cb, cr, 4, 12, 5, 13, 6, 14, 7, 15);
  const a = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, factors), half), 16);
  const b = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, factors), half), 16);
  return i16x8.add(i16x8.sub(y, cr), i16x8.narrow_i32x4_s(a, b));
}

/** Sixteen pixels: luma bytes, and chroma less 128 as i16. */
function store16(luma: v128, cb0: v128, cb1: v128, cr0: v128, cr1: v128, to: usize): void {
  const y0 = i16x8.extend_low_i8x16_u(luma);
  const y1 = i16x8.extend_high_i8x16_u(luma);
  const r = i8x16.narrow_i16x8_u(red(y0, cr0), red(y1, cr1));
  const g = i8x16.narrow_i16x8_u(green(y0, cb0, cr0), green(y1, cb1, cr1));
  const b = i8x16.narrow_i16x8_u(blue(y0, cb0), blue(y1, cb1));
  const rg0 = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  const rg1 = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  const rg2 = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  v128.store(to, i8x16.shuffle(rg0, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  v128.store(to, i8x16.shuffle(rg1, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
  v128.store(to, i8x16.shuffle(rg2, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
}

/**
 * Writes the image, `width` pixels a row and up to 48 bytes beyond the last. Chroma planes are as large as the luma's
 * (`across` 0), half as wide (`across` 1) or also half as high (`down` 1), `chromaWidth` and `chromaHeight` real samples.
 * `scratch` has room for two rows of i16 and 64 bytes more each.
 */
export function toRgb(
  width: i32,
  height: i32,
  luma: usize,
  blueness: usize,
  redness: usize,
  stride: usize,
  chromaStride: usize,
  chromaWidth: i32,
  chromaHeight: i32,
  across: i32,
  down: i32,
  scratch: usize,
  to: usize,
): void {
  const cbRow = scratch + 32;
  const crRow = cbRow + ((((<usize>chromaWidth) << 1) + 95) / 16) * 16;
  const middle = i16x8.splat(128);
  const shift = down ? 4 : 2;
  const evenHalf = i16x8.splat(down ? 8 : 1);
  const oddHalf = i16x8.splat(down ? 7 : 2);
  for (let y = 0; y < height; y++, luma += stride, to += 3 * <usize>width) {
    const near = y >> down;
    const far = down ? min(max(y & 1 ? near + 1 : near - 1, 0), chromaHeight - 1) : near;
    const nearAt = <usize>near * chromaStride;
    if (!across) {
      for (let x: usize = 0; x < <usize>width; x += 16) {
        const cb = v128.load(blueness + nearAt + x);
        const cr = v128.load(redness + nearAt + x);
        store16(
          v128.load(luma + x),
          i16x8.sub(i16x8.extend_low_i8x16_u(cb), middle),
          i16x8.sub(i16x8.extend_high_i8x16_u(cb), middle),
          i16x8.sub(i16x8.extend_low_i8x16_u(cr), middle),
          i16x8.sub(i16x8.extend_high_i8x16_u(cr), middle),
          to + 3 * x,
        );
      }
      continue;
    }
    const farAt = <usize>far * chromaStride;
    chromaRow(blueness + nearAt, blueness + farAt, chromaWidth, down != 0, cbRow);
    chromaRow(redness + nearAt, redness + farAt, chromaWidth, down != 0, crRow);
    for (let x: usize = 0; x < <usize>width; x += 16) {
      const cbThis = v128.load(cbRow + x);
      const crThis = v128.load(crRow + x);
      const cb3 = i16x8.add(cbThis, i16x8.shl(cbThis, 1));
      const cr3 = i16x8.add(crThis, i16x8.shl(crThis, 1));
      const cbEven = i16x8.sub(
        i16x8.shr_u(i16x8.add(i16x8.add(cb3, v128.load(cbRow + x - 2)), evenHalf), shift),
        middle,
      );
      const cbOdd = i16x8.sub(i16x8.shr_u(i16x8.add(i16x8.add(cb3, v128.load(cbRow + x, 2)), oddHalf), shift), middle);
      const crEven = i16x8.sub(
        i16x8.shr_u(i16x8.add(i16x8.add(cr3, v128.load(crRow + x - 2)), evenHalf), shift),
        middle,
      );
      const crOdd = i16x8.sub(i16x8.shr_u(i16x8.add(i16x8.add(cr3, v128.load(crRow + x, 2)), oddHalf), shift), middle);
      store16(
        v128.load(luma + x),
        i16x8.shuffle(cbEven, cbOdd, 0, 8, 1, 9, 2, 10, 3, 11),
        i16x8.shuffle(cbEven, cbOdd, 4, 12, 5, 13, 6, 14, 7, 15),
        i16x8.shuffle(crEven, crOdd, 0, 8, 1, 9, 2, 10, 3, 11),
        i16x8.shuffle(crEven, crOdd, 4, 12, 5, 13, 6, 14, 7, 15),
        to + 3 * x,
      );
    }
  }
}
