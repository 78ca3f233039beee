import { Inflate } from 'fflate';

/** Compressed bytes per step: data may decompress to a thousand times its size, so the size is checked after each step. */
const STEP = 8192;

/**
 * Decompresses DEFLATE data (RFC 1951) of exactly `size` bytes; it never produces more.
 *
 * @throws RangeError when the data is damaged, or has another size.
 */
export function inflateExactly(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  const inflate = new Inflate((chunk) => {
    if (at + chunk.length > size) throw new RangeError(`more than ${size} bytes`);
    out.set(chunk, at);
    at += chunk.length;
  });
  for (let from = 0; from < packed.length; from += STEP) {
    inflate.push(packed.subarray(from, from + STEP), from + STEP >= packed.length);
  }
  if (at !== size) throw new RangeError(`${at} bytes in place of ${size}`);
  return out;
}
