// The sizes of the blocks that the matrix products work on; the TypeScript side reserves scratch by the same figures.

/** Depth of a block: a right panel of it is 16 KB, half of the first-level cache. */
export const DEPTH: i32 = 512;

/** Bytes of packed left rows worked on at a time, for the second-level cache. */
export const LEFT_BYTES: i32 = 131072;

/** Bytes of unfolded pixels worked on at a time. */
export const UNFOLDED_BYTES: i32 = 262144;

/**
 * Rows of a tile, which is eight columns wide: twelve accumulators, two right vectors and one broadcast fill the fifteen
 * registers that a fused multiply–add leaves; without it each product needs one more.
 */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Bytes of the scratch tile. */
export const TILE_BYTES: usize = 192;

/** Bytes from one of several blocks of `values` floats to the next, so that they fall into different sets of the cache. */
export function spaced(values: i32): usize {
  return ((<usize>values) << 2) + 64;
}

/** As many rows of `values` floats as `bytes` hold, in whole tiles and at least one. */
function rowsWithin(bytes: i32, values: i32): i32 {
  return max(1, bytes / (values << 2) / TILE_ROWS) * TILE_ROWS;
}

/** Right panels of depth `k` that each tile of rows meets in turn: they stay in the first-level cache, and so does the line of the result that neighbours share. */
export function panelsTogether(k: i32): i32 {
  return max(1, min(8, DEPTH / k));
}

/** Left rows of depth `k` in a block. */
export function leftRows(k: i32): i32 {
  return rowsWithin(LEFT_BYTES, k);
}

/** Unfolded pixels of `values` floats in a block. */
export function pixelsPerBlock(values: i32): i32 {
  return rowsWithin(UNFOLDED_BYTES, values);
}

/** Values of each of DEPTH unfolded pixels in a block. */
export function unfoldedRows(): i32 {
  return rowsWithin(UNFOLDED_BYTES, DEPTH);
}

/** The smallest number of rows, in whole tiles, that splits `rows` into as many blocks as `most` at a time would. */
export function evenly(rows: i32, most: i32): i32 {
  const blocks = (rows + most - 1) / most;
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  return ((tiles + blocks - 1) / blocks) * TILE_ROWS;
}
