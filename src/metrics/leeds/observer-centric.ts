import { exchangePairs, type Keypoints, type KeypointSet } from '../../keypoints';

/** Whose shoulders or hips say which side of the picture a limb is on. */
const GIRDLES = [
  ['shoulder', ['shoulder', 'elbow', 'wrist']],
  ['hip', ['hip', 'knee', 'ankle']],
] as const;

/**
 * The same keypoints named from where they are seen (observer-centric) in place of from the person's own side (person-centric): an arm is `left_…`
 * when its shoulder is the left one in the picture of the person seen from the front, a leg likewise by its hip. For a person who faces the camera
 * nothing changes, as `left_shoulder` is then to the right in the picture; for one seen from behind left and right are exchanged.
 *
 * The question is asked of shoulders and hips each for itself, by their x. Where one of the two is not labelled (score 0), the limbs stay as they are.
 * The published observer-centric annotations of Leeds Sports Poses (Eichner & Ferrari, 2012) were made by hand and are not available here; this is the rule in their place.
 *
 * @throws RangeError when there are not as many keypoints as the set has.
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
