import { shown } from '../bytes';
import type { Size } from '../keypoints';
import type { Alignment } from '../geometry';

/** Input pixels ↔ cells of a coarser grid: `cell = pixel / stride`, by axis. */
export interface Grid {
  readonly stride: readonly [x: number, y: number];
  /** How far the image extends beyond the centre of the last cell, in cells. */
  readonly overhang: number;
}

/** @internal Longest side of an input or a map, in pixels or cells. It bounds the work that the JSON of a codec can cause. */
export const LONGEST_SIDE = 8192;

/** @internal Whether a value is two integers from `least` to {@link LONGEST_SIDE}. */
export const isSize = (size: unknown, least = 1): size is Size =>
  Array.isArray(size) &&
  size.length === 2 &&
  size.every((side) => Number.isInteger(side) && side >= least && side <= LONGEST_SIDE);

/**
 * @internal The reference's `stride = image / heatmap` (edges), or UDP's `(image − 1) / (heatmap − 1)` (centers).
 * @throws RangeError when a size is not a positive integer or too small to be aligned, or the alignment is unknown.
 */
export function grid(where: string, inputSize: Size, cells: Size, align: Alignment): Grid {
  if (align !== 'edges' && align !== 'centers') {
    throw new RangeError(`${where}: align must be 'edges' or 'centers'. Received: ${shown(align)}.`);
  }
  const least = align === 'centers' ? 2 : 1;
  if (!isSize(inputSize, least) || !isSize(cells, least)) {
    throw new RangeError(
      `${where}: sizes must be [width, height], integers of at least ${least} and at most ${LONGEST_SIDE}. ` +
        `Received: input ${shown(inputSize)}, target ${shown(cells)}.`,
    );
  }
  const stride = (axis: 0 | 1): number =>
    align === 'centers' ? (inputSize[axis] - 1) / (cells[axis] - 1) : inputSize[axis] / cells[axis];
  const beyond = (axis: 0 | 1): number => (inputSize[axis] - 1) / stride(axis) - (cells[axis] - 1);
  return { stride: [stride(0), stride(1)], overhang: Math.max(0, beyond(0), beyond(1)) };
}
