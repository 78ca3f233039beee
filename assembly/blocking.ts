// The sizes of the blocks that the matrix products work on; the TypeScript side reserves scratch by the same figures.

/** Depth of a block: a right panel of it is 16 KB, half of the first-level cache. */
export const DEPTH: i32 = 512;

/** Bytes of packed left rows worked on at a time, for the second-level cache. */
export const LEFT_BYTES: i32 = 131072;

/** Bytes of unfolded pixels worked on at a time. */
export const UNFOLDED_BYTES: i32 = 262144;

/** Bytes of the scratch tile. */
export const TILE_BYTES: usize = 128;

/** Left rows of depth `k` in a block, a multiple of four. */
export function leftRows(k: i32): i32 {
  return max(4, (LEFT_BYTES / (k << 2)) & ~3);
}
