import { flatBlock, inverseDct } from './jpeg-idct';

// The Huffman-coded scan of a baseline JPEG. Whatever is unusual ends it: the caller then leaves the file to libjpeg.

/** No image has coefficients as large; libjpeg's versions for different processors disagree about them. */
const LARGEST = 4096;

/**
 * Copies entropy-coded bytes up to the next marker, without the zeros that follow 0xFF, as big-endian words of 32 bits;
 * reads and writes up to 16 bytes beyond. Returns how many bytes there are; the marker's first byte is at `from` +
 * the value stored at `consumed`; −1 when there is no marker before `end`.
 */
export function unstuff(from: usize, end: usize, to: usize, consumed: usize): i32 {
  const begin = from;
  const start = to;
  const all = i8x16.splat(-1);
  for (;;) {
    if (from >= end) return -1;
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const found = i8x16.bitmask(i8x16.eq(bytes, all));
    if (found == 0) {
      from += 16;
      to += 16;
      continue;
    }
    const before = <usize>ctz(found);
    from += before + 1;
    to += before + 1;
    if (from >= end) return -1;
    if (load<u8>(from) != 0) break;
    from++;
  }
  to--;
  store<u32>(consumed, <u32>(from - 1 - begin));
  v128.store(to, i64x2.splat(0));
  for (let at = start; at < to; at += 16) {
    const bytes = v128.load(at);
    v128.store(at, i8x16.shuffle(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  return <i32>(to - start);
}

/** Codes longer than the ten bits of the fast table: length | symbol << 8, or 0 where there is no such code. */
function longCode(table: usize, bits: u64): u32 {
  const code = <u32>(bits >> 48);
  for (let length = 11; length <= 16; length++) {
    const at = table + 4096 + ((<usize>length) << 2);
    if (code >= load<u32>(at)) continue;
    const index = load<i32>(at, 80) + <i32>(code >> (16 - length));
    return length | ((<u32>load<u8>(table + 4096 + 160 + index)) << 8);
  }
  return 0;
}

/** The value of `size` > 0 bits at the head of `bits`. */
function extend(bits: u64, size: i32): i32 {
  const value = <i32>(bits >> (64 - size));
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

/**
 * Decodes the scan into the components' planes. `plan` holds, as i32: the words' address and their bytes, columns and rows
 * of MCUs, the number of blocks in one, the address of a block's scratch; then eight for each block: DC table, AC table,
 * quantisation, plane, stride, bytes from one MCU to the next, bytes from one row of MCUs to the next, address of the last DC.
 * Returns 1, or 0 when the data are not what they should be.
 */
export function decodeScan(plan: usize): i32 {
  const start = <usize>load<u32>(plan);
  const length = load<i32>(plan, 4);
  const columns = load<i32>(plan, 8);
  const rows = load<i32>(plan, 12);
  const first = plan + 32;
  const last = first + ((<usize>load<u32>(plan, 16)) << 5);
  const block = <usize>load<u32>(plan, 20);
  const end = start + <usize>length + 8;
  let pos = start;
  let bits: u64 = 0;
  let count = 0;
  let extreme = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let b = first; b < last; b += 32) {
        const none = i64x2.splat(0);
        v128.store(block, none);
        v128.store(block, none, 16);
        v128.store(block, none, 32);
        v128.store(block, none, 48);
        v128.store(block, none, 64);
        v128.store(block, none, 80);
        v128.store(block, none, 96);
        v128.store(block, none, 112);
        if (pos > end) return 0;

        if (count < 32) {
          bits |= (<u64>load<u32>(pos)) << (32 - count);
          pos += 4;
          count += 32;
        }
        const dcTable = <usize>load<u32>(b);
        let entry = load<u32>(dcTable + ((<usize>(bits >> 54)) << 2));
        if (entry == 0) {
          entry = longCode(dcTable, bits);
          if (entry == 0) return 0;
        }
        let used = <i32>(entry & 31);
        bits <<= used;
        count -= used;
        const dcSize = <i32>(entry >> 8);
        const dcAt = <usize>load<u32>(b, 28);
        let dc = load<i32>(dcAt);
        if (dcSize) {
          if (dcSize > 11) return 0;
          dc += extend(bits, dcSize);
          bits <<= dcSize;
          count -= dcSize;
          store<i32>(dcAt, dc);
        }
        const quantisation = <usize>load<u32>(b, 8);
        dc *= <i32>(load<u32>(quantisation) >> 8);
        extreme |= dc ^ (dc >> 31);
        store<i16>(block, <i16>dc);

        const acTable = <usize>load<u32>(b, 4);
        let k = 1;
        let any = 0;
        while (k < 64) {
          if (count < 32) {
            bits |= (<u64>load<u32>(pos)) << (32 - count);
            pos += 4;
            count += 32;
          }
          entry = load<u32>(acTable + ((<usize>(bits >> 54)) << 2));
          let value: i32;
          if (entry & 32) {
            used = <i32>(entry & 31);
            bits <<= used;
            count -= used;
            k += <i32>((entry >> 8) & 15);
            value = (<i32>entry) >> 16;
          } else {
            if (entry == 0) {
              entry = longCode(acTable, bits);
              if (entry == 0) return 0;
            }
            used = <i32>(entry & 31);
            bits <<= used;
            count -= used;
            const size = <i32>((entry >> 8) & 15);
            const run = <i32>((entry >> 12) & 15);
            if (size == 0) {
              if (run != 15) break;
              k += 16;
              if (k > 63) return 0;
              continue;
            }
            k += run;
            value = extend(bits, size);
            bits <<= size;
            count -= size;
          }
          if (k > 63) return 0;
          const place = load<u32>(quantisation + ((<usize>k) << 2));
          value *= <i32>(place >> 8);
          extreme |= value ^ (value >> 31);
          store<i16>(block + (place & 127), <i16>value);
          any = 1;
          k++;
        }
        const stride = <usize>load<u32>(b, 16);
        const to = <usize>load<u32>(b, 12) + <usize>(column * load<i32>(b, 20)) + <usize>row * <usize>load<u32>(b, 24);
        if (any) inverseDct(block, to, stride);
        else flatBlock(dc, to, stride);
      }
    }
  }
  const left = (length << 3) - (((<i32>(pos - start)) << 3) - count);
  return left >= 0 && left < 8 && extreme < LARGEST ? 1 : 0;
}
