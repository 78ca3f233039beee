// The inverse DCT of libjpeg's "islow" (Loeffler, Ligtenberg and Moschytz 1989, 13-bit constants), eight columns at a time,
// to the very bit. A block is i16[8][8], row by row, in memory of the caller.

const C0_541: i16 = 4433;
const C0_541_PLUS_0_765: i16 = 10703;
const C0_541_MINUS_1_847: i16 = -10704;
const C1_175: i16 = 9633;
const C1_175_MINUS_1_961: i16 = -6436;
const C1_175_MINUS_0_390: i16 = 6437;
const C0_298_MINUS_0_899: i16 = -4927;
const MINUS_0_899: i16 = -7373;
const C1_501_MINUS_0_899: i16 = 4926;
const C2_053_MINUS_2_562: i16 = -4176;
const MINUS_2_562: i16 = -20995;
const C3_072_MINUS_2_562: i16 = 4177;

function pair(a: i16, b: i16): v128 {
  return i32x4.splat(((<i32>a) & 0xffff) | ((<i32>b) << 16));
}

function low(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function high(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

function narrow(a: v128, b: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
}

/** One pass down the columns, in place: the sums are rounded and shifted by `shift` bits. */
function pass(block: usize, shift: i32): void {
  const x2 = v128.load(block, 32);
  const x6 = v128.load(block, 96);
  const even3 = pair(C0_541_PLUS_0_765, C0_541);
  const even2 = pair(C0_541, C0_541_MINUS_1_847);
  const a26 = low(x2, x6);
  const b26 = high(x2, x6);
  const a3 = i32x4.dot_i16x8_s(a26, even3);
  const b3 = i32x4.dot_i16x8_s(b26, even3);
  const a2 = i32x4.dot_i16x8_s(a26, even2);
  const b2 = i32x4.dot_i16x8_s(b26, even2);
  const x0 = v128.load(block);
  const x4 = v128.load(block, 64);
  const sum = i16x8.add(x0, x4);
  const difference = i16x8.sub(x0, x4);
  const round = i32x4.splat(1 << (shift - 1));
  const a0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(sum), 13), round);
  const b0 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(sum), 13), round);
  const a1 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(difference), 13), round);
  const b1 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(difference), 13), round);
  const a10 = i32x4.add(a0, a3);
  const b10 = i32x4.add(b0, b3);
  const a13 = i32x4.sub(a0, a3);
  const b13 = i32x4.sub(b0, b3);
  const a11 = i32x4.add(a1, a2);
  const b11 = i32x4.add(b1, b2);
  const a12 = i32x4.sub(a1, a2);
  const b12 = i32x4.sub(b1, b2);

  const x1 = v128.load(block, 16);
  const x3 = v128.load(block, 48);
  const x5 = v128.load(block, 80);
  const x7 = v128.load(block, 112);
  const z3 = i16x8.add(x7, x3);
  const z4 = i16x8.add(x5, x1);
  const az = low(z3, z4);
  const bz = high(z3, z4);
  const odd3 = pair(C1_175_MINUS_1_961, C1_175);
  const odd4 = pair(C1_175, C1_175_MINUS_0_390);
  const az3 = i32x4.dot_i16x8_s(az, odd3);
  const bz3 = i32x4.dot_i16x8_s(bz, odd3);
  const az4 = i32x4.dot_i16x8_s(az, odd4);
  const bz4 = i32x4.dot_i16x8_s(bz, odd4);
  const a71 = low(x7, x1);
  const b71 = high(x7, x1);
  const odd7 = pair(C0_298_MINUS_0_899, MINUS_0_899);
  const odd1 = pair(MINUS_0_899, C1_501_MINUS_0_899);
  const at0 = i32x4.add(i32x4.dot_i16x8_s(a71, odd7), az3);
  const bt0 = i32x4.add(i32x4.dot_i16x8_s(b71, odd7), bz3);
  const at3 = i32x4.add(i32x4.dot_i16x8_s(a71, odd1), az4);
  const bt3 = i32x4.add(i32x4.dot_i16x8_s(b71, odd1), bz4);
  const a53 = low(x5, x3);
  const b53 = high(x5, x3);
  const odd5 = pair(C2_053_MINUS_2_562, MINUS_2_562);
  const odd33 = pair(MINUS_2_562, C3_072_MINUS_2_562);
  const at1 = i32x4.add(i32x4.dot_i16x8_s(a53, odd5), az4);
  const bt1 = i32x4.add(i32x4.dot_i16x8_s(b53, odd5), bz4);
  const at2 = i32x4.add(i32x4.dot_i16x8_s(a53, odd33), az3);
  const bt2 = i32x4.add(i32x4.dot_i16x8_s(b53, odd33), bz3);

  v128.store(block, narrow(i32x4.add(a10, at3), i32x4.add(b10, bt3), shift));
  v128.store(block, narrow(i32x4.sub(a10, at3), i32x4.sub(b10, bt3), shift), 112);
  v128.store(block, narrow(i32x4.add(a11, at2), i32x4.add(b11, bt2), shift), 16);
  v128.store(block, narrow(i32x4.sub(a11, at2), i32x4.sub(b11, bt2), shift), 96);
  v128.store(block, narrow(i32x4.add(a12, at1), i32x4.add(b12, bt1), shift), 32);
  v128.store(block, narrow(i32x4.sub(a12, at1), i32x4.sub(b12, bt1), shift), 80);
  v128.store(block, narrow(i32x4.add(a13, at0), i32x4.add(b13, bt0), shift), 48);
  v128.store(block, narrow(i32x4.sub(a13, at0), i32x4.sub(b13, bt0), shift), 64);
}

function transpose(block: usize): void {
  const r0 = v128.load(block);
  const r1 = v128.load(block, 16);
  const r2 = v128.load(block, 32);
  const r3 = v128.load(block, 48);
  const r4 = v128.load(block, 64);
  const r5 = v128.load(block, 80);
  const r6 = v128.load(block, 96);
  const r7 = v128.load(block, 112);
  const a0 = low(r0, r4);
  const a1 = high(r0, r4);
  const a2 = low(r1, r5);
  const a3 = high(r1, r5);
  const a4 = low(r2, r6);
  const a5 = high(r2, r6);
  const a6 = low(r3, r7);
  const a7 = high(r3, r7);
  const b0 = low(a0, a4);
  const b1 = high(a0, a4);
  const b2 = low(a1, a5);
  const b3 = high(a1, a5);
  const b4 = low(a2, a6);
  const b5 = high(a2, a6);
  const b6 = low(a3, a7);
  const b7 = high(a3, a7);
  v128.store(block, low(b0, b4));
  v128.store(block, high(b0, b4), 16);
  v128.store(block, low(b1, b5), 32);
  v128.store(block, high(b1, b5), 48);
  v128.store(block, low(b2, b6), 64);
  v128.store(block, high(b2, b6), 80);
  v128.store(block, low(b3, b7), 96);
  v128.store(block, high(b3, b7), 112);
}

/** Bytes of two columns of a transposed block, saturated and moved to 0 … 255, side by side row for row. */
function columnPair(block: usize, at: usize): v128 {
  const bytes = i8x16.narrow_i16x8_s(v128.load(block + at), v128.load(block + at, 16));
  const pixels = v128.xor(bytes, i8x16.splat(-128));
  return i8x16.shuffle(pixels, pixels, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Transforms a block, which it spoils, into 8×8 bytes at `to`. */
export function inverseDct(block: usize, to: usize, stride: usize): void {
  pass(block, 11);
  transpose(block);
  pass(block, 18);
  const c01 = columnPair(block, 0);
  const c23 = columnPair(block, 32);
  const c45 = columnPair(block, 64);
  const c67 = columnPair(block, 96);
  const left = low(c01, c23);
  const right = low(c45, c67);
  const left4 = high(c01, c23);
  const right4 = high(c45, c67);
  const rows01 = i32x4.shuffle(left, right, 0, 4, 1, 5);
  const rows23 = i32x4.shuffle(left, right, 2, 6, 3, 7);
  const rows45 = i32x4.shuffle(left4, right4, 0, 4, 1, 5);
  const rows67 = i32x4.shuffle(left4, right4, 2, 6, 3, 7);
  v128.store64_lane(to, rows01, 0);
  v128.store64_lane(to + stride, rows01, 1);
  to += 2 * stride;
  v128.store64_lane(to, rows23, 0);
  v128.store64_lane(to + stride, rows23, 1);
  to += 2 * stride;
  v128.store64_lane(to, rows45, 0);
  v128.store64_lane(to + stride, rows45, 1);
  to += 2 * stride;
  v128.store64_lane(to, rows67, 0);
  v128.store64_lane(to + stride, rows67, 1);
}

/** A block of which only the first coefficient is not 0. */
export function flatBlock(dc: i32, to: usize, stride: usize): void {
  const value = i8x16.splat(<i8>(min(max((dc + 4) >> 3, -128), 127) + 128));
  for (let y = 0; y < 8; y++, to += stride) v128.store64_lane(to, value, 0);
}
