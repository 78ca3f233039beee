import { keypointSet, type KeypointSet, type KeypointSetDefinition } from './keypoint-set';

/** A category of a COCO file; `skeleton` numbers keypoints from 1. */
export interface CocoCategory {
  readonly name: string;
  readonly keypoints: readonly string[];
  readonly skeleton?: readonly (readonly [number, number])[];
}

/**
 * The keypoint set that a COCO file declares. COCO has no field for flip pairs, so they are derived from the names
 * ({@link flipPairsOf}) unless given.
 *
 * @throws RangeError naming the keypoint or skeleton entry that is wrong.
 * @example
 * const set = keypointSetFromCoco(file.categories[0], { sigmas: 0.05 });
 */
export function keypointSetFromCoco(
  { name, keypoints, skeleton = [] }: CocoCategory,
  { flipPairs = flipPairsOf(keypoints), sigmas }: Pick<KeypointSetDefinition, 'flipPairs' | 'sigmas'> = {},
): KeypointSet {
  const edges = skeleton.map(([a, b]) => {
    const [from, to] = [keypoints[a - 1], keypoints[b - 1]];
    if (from === undefined || to === undefined) {
      throw new RangeError(
        `keypointSetFromCoco(${name}): skeleton must number keypoints from 1 to ${keypoints.length}. Received: [${a}, ${b}].`,
      );
    }
    return [from, to] as const;
  });
  return keypointSet({ name, names: keypoints, edges, flipPairs, ...(sigmas !== undefined && { sigmas }) });
}

const COUNTERPARTS: readonly (readonly [left: RegExp, right: string])[] = [
  [/left/, 'right'],
  [/Left/, 'Right'],
  [/LEFT/, 'RIGHT'],
  [/(?<![a-zA-Z])l(?=[-_.\s])/, 'r'],
  [/(?<![a-zA-Z])L(?=[-_.\s])/, 'R'],
  [/(?<=[-_.\s])l$/, 'r'],
  [/(?<=[-_.\sa-z0-9])L$/, 'R'],
];

/**
 * Names that differ only in left or right: as a word (`left_eye`, `Left Eye`, `eyeLeft`), or as a separate or
 * final letter (`l_eye`, `l-eye`, `eye_l`, `eyeL`).
 *
 * @example
 * flipPairsOf(['nose', 'left_eye', 'right_eye']); // [['left_eye', 'right_eye']]
 */
export function flipPairsOf(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.flatMap((name): [string, string][] => {
    for (const [left, right] of COUNTERPARTS) {
      const other = name.replace(left, right);
      if (other !== name && names.includes(other)) return [[name, other]];
    }
    return [];
  });
}
