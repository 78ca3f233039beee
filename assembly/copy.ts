import { copyRun } from './vector';

/** Copies `rows` runs of `bytes`, a multiple of 4, between two row strides: slices, joins and splits in one primitive. */
export function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, bytes: usize, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    copyRun(to, from, bytes);
    from += fromStride;
    to += toStride;
  }
}
