import type { KeypointSet } from '../../keypoints';

/**
 * A metric per keypoint with left and right averaged, by the name without the side; NaN values are skipped.
 *
 * @param perKeypoint a figure for each keypoint, in the order of the names
 * @example pairedSides([0.8, 0.6], { names: ['left_hip', 'right_hip'], … }); // { hip: 0.7 }
 */
export function pairedSides(
  perKeypoint: readonly number[],
  { names }: Pick<KeypointSet, 'names'>,
): Readonly<Record<string, number>> {
  const sides = new Map<string, number[]>();
  names.forEach((name, k) => {
    const plain = name.replace(/^(left|right)_/, '');
    sides.set(plain, [...(sides.get(plain) ?? []), perKeypoint[k]!]);
  });
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const known = (values: readonly number[]): number[] => values.filter((value) => !Number.isNaN(value));
  return Object.fromEntries([...sides].map(([name, values]) => [name, mean(known(values))]));
}
