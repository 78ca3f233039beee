import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
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
  keypointSet,
  keypointSetFromCoco,
  keypointsOf,
  LSP,
  LSP_EXTENDED,
  mirrorOrder,
  MPII,
  type Keypoints,
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
    .filter(([, value]) => typeof value === 'object')
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

describe('keypointSet', () => {
  const arm = { name: 'arm', names: ['base', 'elbow', 'tip'] };
  test('resolves names to indices', () => {
    const set = keypointSet({
      ...arm,
      edges: [
        ['base', 'elbow'],
        ['elbow', 'tip'],
      ],
      flipPairs: [['base', 'tip']],
      sigmas: [0.1, 0.2, 0.3],
    });
    expect(set).toEqual({
      ...arm,
      edges: [
        [0, 1],
        [1, 2],
      ],
      flipPairs: [[0, 2]],
      sigmas: [0.1, 0.2, 0.3],
    });
    expect(keypointSet(arm).sigmas).toEqual([0.05, 0.05, 0.05]);
  });

  test.each<[string, object, string]>([
    ['no names', { names: [] }, 'names must not be empty'],
    ['a name twice', { names: ['a', 'b', 'a'] }, 'Received: "a" at 0 and 2.'],
    ['a name that is no string', { names: ['a', 3] }, 'names must be strings with content. Received: 3 at 1.'],
    ['an unknown edge', { edges: [['base', 'hand']] }, 'Received: "hand"; known are base, elbow, tip.'],
    [
      'an edge to itself',
      { edges: [['tip', 'tip']] },
      'edges must join two different keypoints. Received: "tip" twice.',
    ],
    [
      'an edge of three',
      { edges: [['tip', 'base', 'elbow']] },
      'edges must join two keypoints each. Received: ["tip","base","elbow"].',
    ],
    [
      'a keypoint in two pairs',
      {
        flipPairs: [
          ['base', 'tip'],
          ['tip', 'elbow'],
        ],
      },
      'Received: "tip" in two pairs.',
    ],
    ['too few sigmas', { sigmas: [0.1] }, 'Received: 1 for 3 keypoints.'],
    ['a sigma of 0', { sigmas: [0.1, 0, 0.1] }, 'Received: 0 for "elbow".'],
  ])('%s is a RangeError that says so', (_, wrong, message) => {
    const build = () => keypointSet({ ...arm, ...wrong } as never);
    expect(build).toThrow(RangeError);
    expect(build).toThrow(message);
    expect(build).toThrow('keypointSet(arm): ');
  });
});

describe('keypointSetFromCoco', () => {
  const category = {
    name: 'arm',
    keypoints: ['l_grip', 'r_grip', 'base'],
    skeleton: [
      [1, 3],
      [2, 3],
    ] as [number, number][],
  };
  test('counts the skeleton from 1 and pairs by name', () => {
    expect(keypointSetFromCoco(category)).toMatchObject({
      edges: [
        [0, 2],
        [1, 2],
      ],
      flipPairs: [[0, 1]],
    });
    expect(keypointSetFromCoco(category, { flipPairs: [] }).flipPairs).toEqual([]);
  });
  test('rejects a skeleton counted from 0', () => {
    expect(() => keypointSetFromCoco({ ...category, skeleton: [[0, 1]] })).toThrow(
      'skeleton must count keypoints from 1 to 3. Received: [0, 1].',
    );
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
  test.each([
    [['left_eye', 'right_eye', 'nose'], [['left_eye', 'right_eye']]],
    [['Left Eye', 'Right Eye'], [['Left Eye', 'Right Eye']]],
    [['eyeLeft', 'eyeRight'], [['eyeLeft', 'eyeRight']]],
    [['l_eye', 'r_eye', 'leaf'], [['l_eye', 'r_eye']]],
    [['knee_l', 'knee_r', 'heel'], [['knee_l', 'knee_r']]],
    [['l-ear', 'r-ear', 'eel-x'], [['l-ear', 'r-ear']]],
    [['kneeL', 'kneeR'], [['kneeL', 'kneeR']]],
    [['tail', 'tair'], []],
    [['left_only', 'nose'], []],
  ])('pairs of %j', (names, pairs) => expect(flipPairsOf(names)).toEqual(pairs));
});

describe('convertKeypoints', () => {
  const person = keypointsOf(
    'image',
    COCO.names.flatMap((_, k) => [10 * k, 5 * k + 1, k === 3 ? 0 : 2]),
  );
  const at = (k: Keypoints, set: KeypointSet, name: string) => {
    const i = set.names.indexOf(name);
    return [k.xy[2 * i], k.xy[2 * i + 1], k.score[i]];
  };

  test('finds keypoints by name; the rest is unlabelled', () => {
    const lsp = convertKeypoints(person, COCO, LSP);
    expect(at(lsp, LSP, 'left_wrist')).toEqual(at(person, COCO, 'left_wrist'));
    expect(at(lsp, LSP, 'neck')).toEqual([0, 0, 0]);
    expect(lsp.frame).toBe('image');
  });

  test('derives what is asked for', () => {
    const mpii = convertKeypoints(person, COCO, MPII, {
      pelvis: ['left_hip', 'right_hip'],
      head_top: 'nose',
      upper_neck: ['nose', 'left_ear'],
    });
    expect(at(mpii, MPII, 'pelvis')).toEqual([115, 58.5, 2]);
    expect(at(mpii, MPII, 'head_top')).toEqual(at(person, COCO, 'nose'));
    expect(at(mpii, MPII, 'upper_neck')).toEqual([0, 0, 0]); // half of it is unlabelled
  });

  test.each<[string, () => unknown, string]>([
    [
      'another number of keypoints',
      () => convertKeypoints(person, MPII, COCO),
      'a person of mpii must have 16 keypoints. Received: 17.',
    ],
    [
      'an unknown source',
      () => convertKeypoints(person, COCO, MPII, { pelvis: 'belly' }),
      'keypoints of coco. Received: "belly".',
    ],
    [
      'an unknown target',
      () => convertKeypoints(person, COCO, MPII, { belly: 'nose' }),
      'keypoints of mpii. Received: "belly".',
    ],
    [
      'flipping another set',
      () => flipKeypoints(person, MPII, 640),
      'a person of mpii must have 16 keypoints. Received: 17.',
    ],
    ['broken triplets', () => keypointsOf('image', [1, 2]), 'Received: 2 numbers.'],
  ])('%s is a RangeError', (_, run, message) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });
});

test('frames are types', () => {
  expectTypeOf(keypointsOf('input', [1, 2, 3])).toEqualTypeOf<Keypoints<'input'>>();
  expectTypeOf<Keypoints<'input'>>().not.toExtend<Keypoints<'image'>>();
});
