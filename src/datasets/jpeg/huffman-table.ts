/** Bytes of a table in the decoder's memory: 1024 codes of up to ten bits, then limits, offsets and symbols of longer ones. */
export const TABLE_BYTES = 4608;

const FAST_BITS = 10;

/**
 * Lays a Huffman table out for `decodeScan`: an entry for each ten bits, `length | symbol << 8`, or for short AC codes that
 * have their value in the same ten bits, `length | 32 | run << 8 | value << 16`; 0 where the code is longer or none.
 *
 * @param table 16 counts, then the symbols.
 * @returns false when libjpeg would not take it.
 */
export function layHuffmanTable(table: Uint8Array, isAc: boolean, memory: ArrayBuffer, at: number): boolean {
  const fast = new Uint32Array(memory, at, 1 << FAST_BITS).fill(0);
  const [limits, offsets] = [0, 80].map((more) => new Int32Array(memory, at + 4096 + more, 20)) as [
    Int32Array,
    Int32Array,
  ];
  const symbols = table.subarray(16);
  if (!isAc && symbols.some((symbol) => symbol > 15)) return false;
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    const count = table[length - 1]!;
    if (count > 0 && code + count >= 1 << length) return false; // no code is all ones
    offsets[length] = index - code;
    for (let i = 0; i < count; i++, index++, code++) {
      if (length <= FAST_BITS) fillFast(fast, symbols[index]!, code, length, isAc);
    }
    limits[length] = code << (16 - length);
  }
  new Uint8Array(memory, at + 4096 + 160, 256).set(symbols);
  return true;
}

function fillFast(fast: Uint32Array, symbol: number, code: number, length: number, isAc: boolean): void {
  const rest = FAST_BITS - length;
  const size = symbol & 15;
  const plain = length | (symbol << 8);
  for (let i = 0; i < 1 << rest; i++) {
    let entry = plain;
    if (isAc && size > 0 && size <= rest) {
      const bits = i >> (rest - size);
      const value = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
      entry = (length + size) | 32 | ((symbol >> 4) << 8) | (value << 16);
    }
    fast[(code << rest) | i] = entry;
  }
}
