import { Inflate } from 'fflate';

/** Of what is packed, at a time: what can unpack to a thousand times as much is looked at before more is. */
const STEP = 8192;

/**
 * What DEFLATE (RFC 1951) packed, which must be exactly `size` bytes; no more is ever made of it.
 *
 * @throws RangeError when it is damaged, or of another size.
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
