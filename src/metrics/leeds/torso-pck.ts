import { LSP, type Keypoints, type KeypointSet } from '../../keypoints';
import { torsoDiameters } from '../distance/normalizers';
import { pck } from '../distance/pck';
import { observerCentric } from './observer-centric';
import { pairedSides } from './paired-sides';

/** Options of {@link torsoPck}. */
export interface TorsoPckOptions {
  /** @defaultValue LSP */
  readonly keypointSet?: KeypointSet;
  /** Fraction of the torso up to which a keypoint is correct, included. @defaultValue 0.2 */
  readonly threshold?: number;
  /** Sides named from the person (`'person'`, default) or from the picture (`'observer'`): see {@link observerCentric}. */
  readonly centric?: 'person' | 'observer';
}

/** Figures of {@link torsoPck}, fractions. */
export interface TorsoPckFigures {
  /** Plain mean of the keypoints. */
  readonly mean: number;
  readonly perKeypoint: readonly number[];
  /** Left and right averaged, by the name without its side. */
  readonly paired: Readonly<Record<string, number>>;
  /** Labelled instances of each keypoint that counted. */
  readonly counts: readonly number[];
  /** People whose torso is labelled; the others do not count. */
  readonly people: number;
}

/**
 * PCK of the field on Leeds Sports Poses: a keypoint is correct within 0.2 of the torso, left shoulder to right hip, both as annotated.
 *
 * With `centric: 'observer'` truth and prediction are renamed each by its own shoulders and hips, so that an exchange of sides as a whole, which most often is a person
 * seen from behind taken for one from the front, does not count as an error. The torso stays the person-centric one.
 *
 * @param predicted N people, pixels.
 * @param truth the same people in the same frame; keypoints with score 0 do not count.
 * @throws RangeError when counts differ or a coordinate is not finite.
 * @example
 * const { mean, paired } = torsoPck(predicted, truth); // PCK@0.2, and { ankle, knee, hip, wrist, elbow, shoulder, neck, head_top }
 */
export function torsoPck(
  predicted: readonly Keypoints<'image'>[],
  truth: readonly Keypoints<'image'>[],
  { keypointSet = LSP, threshold = 0.2, centric = 'person' }: TorsoPckOptions = {},
): TorsoPckFigures {
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
