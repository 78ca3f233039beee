import { fromBase64 } from '../../../bytes';

/** A file by another: in turn [from, length], bytes of the other, and base64, bytes of its own. */
export type Delta = readonly (readonly [from: number, length: number] | string)[];

/** The file that a delta makes of the other. */
export function applyDelta(base: Uint8Array, delta: Delta): Uint8Array<ArrayBuffer> {
  const pieces = delta.map((piece) =>
    typeof piece === 'string' ? fromBase64(piece) : base.subarray(piece[0], piece[0] + piece[1]),
  );
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
