import { exchangePairs, type Keypoints, type KeypointSet } from '../../keypoints';

/** The keypoints that decide which side of the picture a limb is on. */
const GIRDLES = [
  ['shoulder', ['shoulder', 'elbow', 'wrist']],
  ['hip', ['hip', 'knee', 'ankle']],
] as const;

/**
 * Renames keypoints from person-centric (left is the person's left) to observer-centric (left as seen in the picture): an arm is `left_…`
 * when its shoulder is the left one as seen from the front, and a leg by its hip in the same way. For a person facing the camera
 * nothing changes, since `left_shoulder` is to the right in the picture; for a person seen from behind, left and right are swapped.
 *
 * Shoulders and hips are compared separately, by their x. Where one of the two is unlabelled (score 0), the limbs keep their names.
 * The published observer-centric annotations of Leeds Sports Poses (Eichner & Ferrari, 2012) were made by hand and are not available here; this rule replaces them.
 *
 * @throws RangeError when the number of keypoints differs from the set's.
 * @example const observed = truth.map((person) => observerCentric(person, LSP));
 */
export function observerCentric<K extends Keypoints>(person: K, set: KeypointSet): K {
  const exchanged = exchangePairs(person, set);
  const xy = person.xy.slice();
  const score = person.score.slice();
  const at = (name: string): number => set.names.indexOf(name);
  for (const [girdle, limb] of GIRDLES) {
    const [left, right] = [at(`left_${girdle}`), at(`right_${girdle}`)];
    if (left < 0 || right < 0 || !(score[left]! > 0 && score[right]! > 0)) continue;
    if (!(person.xy[2 * left]! < person.xy[2 * right]!)) continue; // seen from the front
    for (const k of limb.flatMap((name) => [at(`left_${name}`), at(`right_${name}`)])) {
      if (k < 0) continue;
      xy.set(exchanged.xy.subarray(2 * k, 2 * k + 2), 2 * k);
      score[k] = exchanged.score[k]!;
    }
  }
  return { ...person, xy, score };
}
