/** The sizes of the blocks that the matrix products work on, as in `assembly/blocking.ts`; a tile is the larger one, which relaxed SIMD has. */
export const TILE_BYTES = 192;
export const LEFT_BYTES = 131072;
export const UNFOLDED_BYTES = 262144;
export const DEPTH = 512;

/** Bytes from one of several blocks of `count` floats to the next. */
export const spaced = (count: number): number => 4 * count + 64;

/** Bytes in whole lines of the cache. */
export const rounded = (bytes: number): number => 64 * Math.ceil(bytes / 64);
