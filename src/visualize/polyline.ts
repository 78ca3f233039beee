/** A point of the picture in pixels. */
export type Point = readonly [x: number, y: number];

/** Runs of points without gaps; a gap is an `undefined`. */
export function runs(points: readonly (Point | undefined)[]): Point[][] {
  const found: Point[][] = [];
  let open: Point[] | undefined;
  for (const point of points) {
    if (point === undefined) open = undefined;
    else if (open === undefined) found.push((open = [point]));
    else open.push(point);
  }
  return found;
}

/**
 * Thins a line to its visible points: per pixel column the first, lowest, highest and last remain, in order.
 * A loss of a million steps becomes a path of a few thousand points that looks the same.
 */
export function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (let start = 0; start < points.length;) {
    const column = Math.floor(points[start]![0]);
    let [end, lowest, highest] = [start, start, start];
    for (; end < points.length && Math.floor(points[end]![0]) === column; end++) {
      if (points[end]![1] < points[lowest]![1]) lowest = end;
      if (points[end]![1] > points[highest]![1]) highest = end;
    }
    for (const i of [...new Set([start, lowest, highest, end - 1])].sort((a, b) => a - b)) kept.push(points[i]!);
    start = end;
  }
  return kept;
}

/** TensorBoard's exponential moving average, without its bias towards zero at the start. Gaps remain. */
export function smoothed(values: ArrayLike<number>, weight: number): number[] {
  let mean = 0;
  let total = 0;
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    mean = weight * mean + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return mean / total;
  });
}
