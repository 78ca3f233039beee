import { LSP, type Keypoints, type KeypointSet } from '../../keypoints';
import { torsoDiameters } from '../distance/normalizers';
import { pck } from '../distance/pck';
import { observerCentric } from './observer-centric';
import { pairedSides } from './paired-sides';

/** Options of {@link torsoPck}. */
export interface TorsoPckOptions {
  /** Keypoint set. @defaultValue LSP */
  readonly keypointSet?: KeypointSet;
  /** Maximum distance of a correct keypoint, as a fraction of the torso. @defaultValue 0.2 */
  readonly threshold?: number;
  /** Whether sides are the person's (`'person'`) or the picture's (`'observer'`); see {@link observerCentric}. @defaultValue `'person'` */
  readonly centric?: 'person' | 'observer';
}

/** Metrics of {@link torsoPck}, fractions. */
export interface TorsoPckMetrics {
  /** Unweighted mean of the keypoints. */
  readonly mean: number;
  readonly perKeypoint: readonly number[];
  /** Left and right averaged, by the name without the side. */
  readonly paired: Readonly<Record<string, number>>;
  /** Number of labelled instances of each keypoint that counted. */
  readonly counts: readonly number[];
  /** Number of people whose torso is labelled; the others do not count. */
  readonly people: number;
}

/**
 * The usual PCK on Leeds Sports Poses: a keypoint is correct within 0.2 of the torso, left shoulder to right hip, both as annotated.
 *
 * With `centric: 'observer'`, truth and prediction are each renamed by their own shoulders and hips, so a swap of all sides, which mostly is a person
 * seen from behind predicted as seen from the front, does not count as an error. The torso stays person-centric.
 *
 * @param predicted N people, pixels.
 * @param truth the same people in the same frame; keypoints with score 0 do not count.
 * @throws RangeError when the counts differ, or a coordinate is not finite.
 * @example
 * const { mean, paired } = torsoPck(predicted, truth); // PCK@0.2, and { ankle, knee, hip, wrist, elbow, shoulder, neck, head_top }
 */
export function torsoPck(
  predicted: readonly Keypoints<'image'>[],
  truth: readonly Keypoints<'image'>[],
  { keypointSet = LSP, threshold = 0.2, centric = 'person' }: TorsoPckOptions = {},
): TorsoPckMetrics {
  if (centric !== 'person' && centric !== 'observer') {
    throw new RangeError(`torsoPck: centric must be 'person' or 'observer'. Received: ${String(centric)}.`);
  }
  const normalizer = torsoDiameters(truth, keypointSet);
  const named = (people: readonly Keypoints<'image'>[]): readonly Keypoints<'image'>[] =>
    centric === 'person' ? people : people.map((person) => observerCentric(person, keypointSet));
  const { mean, perKeypoint, counts } = pck(named(predicted), named(truth), { normalizer, threshold });
  const people = normalizer.filter((length) => !Number.isNaN(length)).length;
  return { mean, perKeypoint, paired: pairedSides(perKeypoint, keypointSet), counts, people };
}
