import { hasFields, requireThat } from '../bytes';

/** K heatmaps of one person as `[H, W, K]`, keypoints innermost: the result of `await heatmaps.data()` for one person of a batch. */
export interface HeatmapStack {
  readonly data: ArrayLike<number>;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/** Number of palette entries of the colour map; the next entry is for NaN. */
export const STEPS = 255;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The maps one by one, row by row. */
export function split(stack: HeatmapStack): Float64Array[] {
  requireThat(
    hasFields(stack, 'data', 'shape') && Array.isArray(stack.shape),
    'heatmapGridSvg',
    'heatmaps must be { data, shape: [height, width, keypoints] }',
    stack,
  );
  const { data, shape } = stack;
  const [height, width, count] = shape;
  if (!(
    shape.length === 3 &&
    shape.every((side) => Number.isInteger(side) && side > 0) &&
    data.length === height * width * count
  )) {
    throw new RangeError(
      `heatmapGridSvg: data must fill the shape [height, width, keypoints]. Received: ${data.length} values for [${shape.join(', ')}].`,
    );
  }
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: height * width }, (_, i) => data[i * count + k]!),
  );
}

/** Minimum and maximum of the finite values; [0, 1] where there are none. */
export function rangeOf(maps: readonly Float64Array[]): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const map of maps) {
    for (const value of map) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low, high } : { low: 0, high: 1 };
}

export function givenRange([low, high]: readonly [number, number]): Range {
  if (!(low < high && Number.isFinite(high - low))) {
    throw new RangeError(`heatmapGridSvg: scale must be [low, high] with low < high. Received: [${low}, ${high}].`);
  }
  return { low, high };
}

/** Palette indices of a map: {@link STEPS} for values that are not finite. */
export function indices(map: Float64Array, { low, high }: Range): Uint8Array {
  const span = high - low;
  return Uint8Array.from(map, (value) => {
    if (!Number.isFinite(value)) return STEPS;
    return span > 0 ? Math.round((STEPS - 1) * Math.min(1, Math.max(0, (value - low) / span))) : 0;
  });
}

/** Index of the highest finite value, the first of equal ones; -1 where there is none. */
export function peakOf(map: Float64Array): number {
  let best = -1;
  map.forEach((value, i) => {
    if (Number.isFinite(value) && (best < 0 || value > map[best]!)) best = i;
  });
  return best;
}
