import type { Frame, Keypoints } from './keypoints';
import type { KeypointSet } from './keypoint-set';

/** How to derive keypoints of the target set: from a keypoint with another name, or as the midpoint of two. */
export type Derivation = Readonly<Record<string, string | readonly [string, string]>>;

/**
 * Converts keypoints of one set to another set, by name. Keypoints that the source lacks are at (0, 0) with score 0: unlabelled.
 *
 * @param derive derivations for keypoints of `to`; a midpoint has the lower of the two scores.
 * @throws RangeError when the person does not have the keypoints of `from`, or `derive` names an unknown keypoint.
 * @example
 * const mpii = convertKeypoints(person, COCO, MPII, {
 *   pelvis: ['left_hip', 'right_hip'],
 *   thorax: ['left_shoulder', 'right_shoulder'],
 * });
 */
export function convertKeypoints<F extends Frame>(
  { frame, xy, score }: Keypoints<F>,
  from: KeypointSet,
  to: KeypointSet,
  derive: Derivation = {},
): Keypoints<F> {
  if (score.length !== from.names.length) {
    throw new RangeError(
      `convertKeypoints: a person of ${from.name} must have ${from.names.length} keypoints. Received: ${score.length}.`,
    );
  }
  const index = (name: string, { name: set, names }: KeypointSet): number => {
    const k = names.indexOf(name);
    if (k < 0) throw new RangeError(`convertKeypoints: derive must name keypoints of ${set}. Received: "${name}".`);
    return k;
  };
  for (const name of Object.keys(derive)) index(name, to);

  const converted = { frame, xy: new Float32Array(2 * to.names.length), score: new Float32Array(to.names.length) };
  to.names.forEach((name, k) => {
    const source = Object.hasOwn(derive, name) ? derive[name]! : from.names.includes(name) ? name : undefined;
    if (source === undefined) return;
    const [a, b] = typeof source === 'string' ? [source, source] : source;
    const [i, j] = [index(a, from), index(b, from)];
    const both = Math.min(score[i]!, score[j]!);
    if (!(both > 0)) return;
    converted.xy[2 * k] = (xy[2 * i]! + xy[2 * j]!) / 2;
    converted.xy[2 * k + 1] = (xy[2 * i + 1]! + xy[2 * j + 1]!) / 2;
    converted.score[k] = both;
  });
  return converted;
}
