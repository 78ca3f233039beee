import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as sets from 'poseblocks/keypoints';
import {
  AP10K,
  COCO,
  convertKeypoints,
  CROWDPOSE,
  FACE_68,
  flipKeypoints,
  flipPairsOf,
  HAND_21,
  keypointsOf,
  LSP,
  LSP_EXTENDED,
  mirrorOrder,
  MPII,
  type KeypointSet,
} from 'poseblocks/keypoints';

const all: [string, KeypointSet, number, number, number][] = [
  ['COCO', COCO, 17, 8, 19],
  ['MPII', MPII, 16, 6, 15],
  ['LSP', LSP, 14, 6, 13],
  ['LSP_EXTENDED', LSP_EXTENDED, 14, 6, 13],
  ['CROWDPOSE', CROWDPOSE, 14, 6, 15],
  ['AP10K', AP10K, 17, 7, 17],
  ['HAND_21', HAND_21, 21, 0, 20],
  ['FACE_68', FACE_68, 68, 29, 63],
];

test('every exported set is tested', () => {
  const exported = Object.entries(sets)
    .filter(([, value]) => typeof value === 'object' && !Array.isArray(value))
    .map(([name]) => name);
  expect(exported.sort()).toEqual(all.map(([name]) => name).sort());
});

describe.each(all)('%s', (_, set, keypoints, pairs, edges) => {
  test('has its keypoints, pairs, edges and sigmas', () => {
    expect([set.names.length, set.flipPairs.length, set.edges.length]).toEqual([keypoints, pairs, edges]);
    expect(set.sigmas.length).toBe(keypoints);
  });

  test('pairs left with right, and all of them', () => {
    const side = (name: string) => /^(left|right)_/.exec(name)?.[1];
    for (const [a, b] of set.flipPairs) {
      const [first, second] = [set.names[a]!, set.names[b]!];
      expect([side(first), side(second)].sort()).toEqual(['left', 'right']);
      expect(first.replace(/^\w+?_/, '')).toBe(second.replace(/^\w+?_/, ''));
    }
    expect(set.names.filter(side).length).toBe(2 * pairs);
    // Pairs have the same sigma, except where the published values differ by side.
    const published = new Set([AP10K, FACE_68]);
    if (!published.has(set)) for (const [a, b] of set.flipPairs) expect(set.sigmas[a]).toBe(set.sigmas[b]);
  });

  test('edges mirror onto edges', () => {
    const order = mirrorOrder(set);
    const key = (a: number, b: number) => `${Math.min(a, b)}-${Math.max(a, b)}`;
    const present = new Set(set.edges.map(([a, b]) => key(a, b)));
    for (const [a, b] of set.edges) expect(present.has(key(order[a]!, order[b]!))).toBe(true);
  });

  test('mirroring twice is nothing, and converting to itself is nothing', () => {
    const coordinate = fc.integer({ min: 0, max: 640 });
    const triplet = fc.tuple(coordinate, coordinate, fc.integer({ min: 1, max: 2 }));
    fc.assert(
      fc.property(fc.array(triplet, { minLength: keypoints, maxLength: keypoints }), (triplets) => {
        const person = keypointsOf('image', triplets.flat());
        const mirrored = flipKeypoints(person, set, 640);
        expect(flipKeypoints(mirrored, set, 640)).toEqual(person);
        expect(mirrored.xy[0]).toBe(639 - person.xy[2 * mirrorOrder(set)[0]!]!);
        expect(convertKeypoints(person, set, set)).toEqual(person);
      }),
      { numRuns: 30 },
    );
  });
});

test('the order of well-known keypoints', () => {
  expect([
    FACE_68.names[8],
    FACE_68.names[33],
    FACE_68.names[36],
    FACE_68.names[45],
    FACE_68.names[48],
    FACE_68.names[57],
  ]).toEqual(['chin', 'nose_base', 'right_eye_outer', 'left_eye_outer', 'right_mouth_corner', 'lower_lip']);
  // The pairs of 300-W as other toolboxes number them.
  const face = [
    [0, 16],
    [7, 9],
    [17, 26],
    [21, 22],
    [31, 35],
    [32, 34],
    [36, 45],
    [37, 44],
    [38, 43],
    [39, 42],
    [40, 47],
    [41, 46],
    [48, 54],
    [50, 52],
    [55, 59],
    [56, 58],
    [60, 64],
    [61, 63],
    [65, 67],
  ];
  for (const [a, b] of face) expect(mirrorOrder(FACE_68)[a!]).toBe(b);
  expect([HAND_21.names[4], HAND_21.names[20]]).toEqual(['thumb4', 'pinky_finger4']);
  expect([AP10K.names[4], AP10K.names[16]]).toEqual(['root_of_tail', 'right_back_paw']);
  // The order and pairs that MPII's and COCO's flip tests use.
  expect(MPII.flipPairs.map((pair) => [...pair].sort((a, b) => a - b)).sort((a, b) => a[0]! - b[0]!)).toEqual([
    [0, 5],
    [1, 4],
    [2, 3],
    [10, 15],
    [11, 14],
    [12, 13],
  ]);
  expect(COCO.flipPairs).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
    [11, 12],
    [13, 14],
    [15, 16],
  ]);
});

test('finds the pairs of every set of the library', () => {
  for (const [, set] of all) {
    const found = flipPairsOf(set.names).map((pair) =>
      pair
        .map((name) => set.names.indexOf(name))
        .sort((a, b) => a - b)
        .join(),
    );
    expect(found.sort()).toEqual(set.flipPairs.map((pair) => [...pair].sort((a, b) => a - b).join()).sort());
  }
});
