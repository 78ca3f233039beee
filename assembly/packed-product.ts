import { DEPTH } from './blocking';
import { multiplyBlock } from './matrix-product';
import { packRight } from './pack';

/** The right matrix packed in blocks of DEPTH, one after the other; block q begins at q·⌈columns/8⌉·8 floats. */
export function packAll(b: usize, line: usize, along: usize, columns: i32, k: i32, out: usize): void {
  for (let q = 0; q < k; q += DEPTH) {
    packRight(b + <usize>q * along, line, along, columns, min(DEPTH, k - q), out + packedOffset(q, columns));
  }
}

function packedOffset(q: i32, columns: i32): usize {
  return (<usize>q * <usize>((columns + 7) & ~7)) << 2;
}

/**
 * c[rows, columns] = activation(a · packed right + bias + more), over all blocks of depth; a [rows, k] and more lie row by
 * row, 0 leaves out bias or more; scratch: TILE_BYTES + LEFT_BYTES.
 */
export function multiplyPacked(
  a: usize,
  k: i32,
  right: usize,
  c: usize,
  rows: i32,
  columns: i32,
  bias: usize,
  more: usize,
  activation: i32,
  scratch: usize,
): void {
  for (let q = 0; q < k; q += DEPTH) {
    const depth = min(DEPTH, k - q);
    const last = q + depth == k;
    multiplyBlock(
      a + ((<usize>q) << 2),
      (<usize>k) << 2,
      4,
      right + packedOffset(q, columns),
      c,
      (<usize>columns) << 2,
      rows,
      columns,
      depth,
      q > 0,
      last ? bias : 0,
      last ? more : 0,
      last ? activation : 0,
      scratch,
    );
  }
}

/** A row-major matrix [k, columns] packed; `out` holds k·⌈columns/8⌉·8 floats. */
export function packFilter(w: usize, out: usize, k: i32, columns: i32): void {
  packAll(w, 4, (<usize>columns) << 2, columns, k, out);
}
