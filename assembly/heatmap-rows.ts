// The layout of channels-last heatmaps in the decoders' memory, for heatmap-peaks.ts and heatmap-soft-sums.ts. Pointers are bytes, sizes numbers.
//
// A row of W·K floats is read as vectors whatever K is, so that a lane keeps its channel and its column from row to row;
// what is known of channels is spread over such a row first. Lanes beyond a row's end hold nonsense that nobody reads.
// Rows come in blocks of eight, the last of which the caller completes with −∞. The scratch memory holds rows of
// ⌈W·K/4⌉ + 1 vectors: the columns' largest values, the channels' peaks and their y, then the columns' largest by block.

/** Rows of a block. */
export const BLOCK = 8;

/** Bytes of a scratch row. */
export function scratchRow(width: i32, K: i32): usize {
  return (<usize>((width * K + 7) >> 2)) << 4;
}

/** Writes K values over each cell of a row; those behind them, up to four, are overwritten or lie behind the row. */
export function spread(values: usize, width: i32, K: i32, row: usize): void {
  const cell = (<usize>K) << 2;
  for (let x = 0; x < width; x++, row += cell) {
    for (let k: usize = 0; k < cell; k += 16) v128.store(row + k, v128.load(values + k));
  }
}
