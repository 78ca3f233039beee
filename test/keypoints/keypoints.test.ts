import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  COCO,
  convertKeypoints,
  flipKeypoints,
  flipPairsOf,
  keypointSet,
  keypointSetFromCoco,
  keypointsOf,
  LSP,
  MPII,
  type Keypoints,
  type KeypointSet,
} from 'poseblocks/keypoints';

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
    ['a name that is no string', { names: ['a', 3] }, 'names must be non-empty strings. Received: 3 at 1.'],
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
      'skeleton must number keypoints from 1 to 3. Received: [0, 1].',
    );
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
