/**
 * Deflate (RFC 1951) in the zlib wrapper (RFC 1950): one block with the fixed Huffman codes, and matches only with the byte
 * or the `stride` bytes before. Heatmaps are mostly flat, so this little already makes them several times smaller.
 *
 * @param strides distances at which repetitions are looked for, in bytes, nearest first.
 */
export function zlibCompress(bytes: Uint8Array, strides: readonly number[] = [1]): Uint8Array {
  const out: number[] = [0x78, 0x01];
  let held = 0;
  let heldBits = 0;
  const put = (value: number, bits: number): void => {
    held |= value << heldBits;
    for (heldBits += bits; heldBits >= 8; heldBits -= 8, held >>>= 8) out.push(held & 255);
  };
  const putCode = (symbol: number): void => {
    if (symbol < 144) put(reversed(0x30 + symbol, 8), 8);
    else if (symbol < 256) put(reversed(0x190 + symbol - 144, 9), 9);
    else if (symbol < 280) put(reversed(symbol - 256, 7), 7);
    else put(reversed(0xc0 + symbol - 280, 8), 8);
  };

  put(0b011, 3); // last block, fixed codes
  for (let i = 0; i < bytes.length;) {
    let length = 0;
    let distance = 0;
    for (const stride of strides) {
      const run = runLength(bytes, i, stride);
      if (run > length) [length, distance] = [run, stride];
    }
    if (length < 3) {
      putCode(bytes[i++]!);
      continue;
    }
    const lengthCode = lastAtMost(LENGTHS, length);
    putCode(257 + lengthCode);
    put(length - LENGTHS[lengthCode]!, LENGTH_BITS[lengthCode]!);
    const distanceCode = lastAtMost(DISTANCES, distance);
    put(reversed(distanceCode, 5), 5);
    put(distance - DISTANCES[distanceCode]!, Math.max(0, (distanceCode >> 1) - 1));
    i += length;
  }
  putCode(256);
  if (heldBits > 0) out.push(held & 255);

  const checksum = adler32(bytes);
  out.push(checksum >>> 24, (checksum >>> 16) & 255, (checksum >>> 8) & 255, checksum & 255);
  return Uint8Array.from(out);
}

const LENGTH_BITS = /* @__PURE__ */ Array.from({ length: 29 }, (_, i) => (i < 4 || i === 28 ? 0 : (i >> 2) - 1));
const LENGTHS = /* @__PURE__ */ Array.from({ length: 29 }, (_, i) =>
  i === 28 ? 258 : i < 4 ? i + 3 : 3 + ((4 + (i & 3)) << ((i >> 2) - 1)),
);
const DISTANCES = /* @__PURE__ */ Array.from({ length: 30 }, (_, i) =>
  i < 2 ? i + 1 : 1 + ((2 + (i & 1)) << ((i >> 1) - 1)),
);

function runLength(bytes: Uint8Array, at: number, distance: number): number {
  if (at < distance) return 0;
  const end = Math.min(bytes.length, at + 258);
  let i = at;
  while (i < end && bytes[i] === bytes[i - distance]) i++;
  return i - at;
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let i = sorted.length - 1;
  while (sorted[i]! > value) i--;
  return i;
}

/** Huffman codes are stored with their most significant bit first, everything else the other way round. */
function reversed(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result |= ((code >> i) & 1) << (bits - 1 - i);
  return result;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
