import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { keypointsOf, type Keypoints } from 'poseblocks/keypoints';

import {
  codecFromJSON,
  gaussianCodec,
  integralCodec,
  offsetCodec,
  simccCodec,
  type AnyCodec,
  type Codec,
  type HeatmapCodec,
  type SimccCodec,
} from 'poseblocks/targets';
import { describeEngines } from '../support/engines';
import { expectPrecision, shifted, violations } from './precision';

/** A quarter of the real one, at the same stride. */
const SMALL = { inputSize: [96, 128], heatmapSize: [24, 32] } as const;
const SIZES = { inputSize: [192, 256], heatmapSize: [48, 64] } as const;
const person = (...xyv: number[]): Keypoints<'input'> => keypointsOf('input', xyv);

/** Each with half of its own cell, in input pixels. */
const codecs: [string, AnyCodec, number][] = [
  ['offsets aligned to centers', offsetCodec(SMALL), 2],
  ['offsets aligned to edges', offsetCodec({ ...SMALL, align: 'edges' }), 2],
  ['wide offsets, small kernel', offsetCodec({ ...SMALL, radius: 6, kernelSize: 5 }), 2],
  ['SimCC', simccCodec({ inputSize: SMALL.inputSize }), 0.25],
  [
    'SimCC, three bins a pixel, normalised',
    simccCodec({ inputSize: [96, 128], split: 3, sigma: [4.9, 5.66], normalize: true }),
    1 / 6,
  ],
  ['integral', integralCodec(SMALL), 2],
  ['integral aligned to centers', integralCodec({ ...SMALL, beta: 10, align: 'centers' }), 2],
];

describe.each(codecs)('%s', (_, any, halfCell) => {
  const codec = any as Codec<unknown>;

  test('holds its stated precision over the whole image', () => {
    expect(codec.precision).toBeLessThanOrEqual(halfCell);
    expectPrecision(codec);
  });

  test('fails it when the decode is half a cell off', () => {
    expect(violations(shifted(codec, halfCell))).toBeGreaterThan(0);
  });

  test('is restored from JSON', () => {
    const restored = codecFromJSON(JSON.parse(JSON.stringify(codec))) as Codec<unknown>;
    const truth = person(50.3, 50.7, 1, 33.1, 100.9, 2, 3, 4, 0);
    expect(restored.encode(truth)).toEqual(codec.encode(truth));
    expect(restored.decode(codec.encode(truth))).toEqual(codec.decode(codec.encode(truth)));
  });

  test('gives no weight to what is unlabelled or far outside', () => {
    const { weights } = codec.encode(person(50, 50, 0, -400, 50, 2, 50, 900, 2, 20, 20, 1)) as {
      weights: Float32Array;
    };
    const each = weights.length / 4; // offsets: one weight a map
    expect([...weights]).toEqual([0, 0, 0, 1].flatMap((weight) => Array<number>(each).fill(weight)));
  });

  test('checks frame and coordinates', () => {
    expect(() => codec.encode(keypointsOf('image', [1, 2, 1]) as never)).toThrow(TypeError);
    expect(() => codec.encode(person(1, NaN, 1))).toThrow('Received: [1, NaN] for keypoint 0.');
  });
});

describeEngines('batches', () => {
  const people = [
    person(100.3, 50.7, 2, 20, 30, 1),
    person(33, 44, 1, 150, 250, 2),
    person(2.2, 3.9, 2, 60.1, 60.9, 1),
  ];

  test('offsets', async () => {
    const codec = offsetCodec(SIZES);
    const before = tf.memory().numTensors;
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    expect([heatmaps.shape, weights.shape]).toEqual([
      [3, 64, 48, 6],
      [3, 6],
    ]);
    expect(await codec.decodeBatch(heatmaps)).toEqual(people.map((p) => codec.decode(codec.encode(p))));
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([heatmaps, weights]);
  });

  test('SimCC', async () => {
    const codec = simccCodec({ inputSize: SIZES.inputSize });
    const before = tf.memory().numTensors;
    const {
      target: [x, y],
      weights,
    } = codec.encodeBatch(people);
    expect([x.shape, y.shape, weights.shape]).toEqual([
      [3, 2, 384],
      [3, 2, 512],
      [3, 2],
    ]);
    expect(await codec.decodeBatch([x, y])).toEqual(people.map((p) => codec.decode(codec.encode(p))));
    expect(tf.memory().numTensors).toBe(before + 3);
    await expect(codec.decodeBatch([y, x])).rejects.toThrow(
      'x must be [N, K, 384] and y [N, K, 512]. Received: [3, 2, 512] and [3, 2, 384].',
    );
    tf.dispose([x, y, weights]);
  });

  test('integral regression learns coordinates through heatmaps', async () => {
    const codec = integralCodec({ ...SIZES, beta: 10 });
    const before = tf.memory().numTensors;
    const { target: cells, weights } = codec.encodeBatch(people);
    expect([cells.shape, weights.shape]).toEqual([
      [3, 2, 2],
      [3, 2],
    ]);
    // Gaussians at the truth regress to it; what is away from the border comes back within the background's pull.
    const drawn = gaussianCodec({ ...SIZES, center: 'exact', factor: 2 }).encodeBatch(people);
    const decoded = await codec.decodeBatch(drawn.target);
    expect(decoded.map(({ frame, score }) => [frame, score.length])).toEqual(Array(3).fill(['input', 2]));
    const first = decoded[0]!;
    for (let i = 0; i < 4; i++) expect(Math.abs(first.xy[i]! - people[0]!.xy[i]!)).toBeLessThan(0.2);
    const loss = (maps: tf.Tensor) =>
      tf.losses.absoluteDifference(cells, codec.regress(maps as tf.Tensor4D)) as tf.Scalar;
    const { value, grad } = tf.valueAndGrad(loss)(drawn.target);
    const stepped = tf.tidy(() => loss(tf.sub(drawn.target, tf.mul(grad, 1e-3))));
    expect((await stepped.data())[0]!).toBeLessThan((await value.data())[0]!);
    tf.dispose([cells, weights, drawn, value, grad, stepped]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('of another size are rejected', async () => {
    const maps = tf.zeros([1, 4, 4, 2]) as tf.Tensor4D;
    await expect(offsetCodec(SIZES).decodeBatch(maps)).rejects.toThrow(
      'heatmaps must be [64, 48, 3K] for each person. Received: [4, 4, 2].',
    );
    await expect(integralCodec(SIZES).decodeBatch(maps)).rejects.toThrow(
      'heatmaps must be [64, 48, K] for each person. Received: [4, 4, 2].',
    );
    maps.dispose();
  });
});

describe('bad options', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a disk that reaches no cell',
      () => offsetCodec({ ...SIZES, radius: 0.5 }),
      'radius must reach a cell, at least 0.707',
    ],
    [
      'an even kernel',
      () => offsetCodec({ ...SIZES, kernelSize: 4 }),
      'kernelSize must be odd and positive. Received: 4.',
    ],
    [
      'half a bin',
      () => simccCodec({ inputSize: [192, 256], split: 0.5 }),
      'split (up to 64) must be whole and positive. Received: [192,256] and 0.5.',
    ],
    [
      'no sigma',
      () => simccCodec({ inputSize: [192, 256], sigma: [1, 0] }),
      'sigma must be positive. Received: [1,0].',
    ],
    ['no β', () => integralCodec({ ...SIZES, beta: 0 }), 'beta must be positive and finite. Received: 0.'],
    [
      'aligning one cell',
      () => integralCodec({ inputSize: [192, 256], heatmapSize: [1, 64], align: 'centers' }),
      'integers of at least 2',
    ],
    [
      'decoding another SimCC',
      () =>
        simccCodec({ inputSize: SIZES.inputSize }).decode({
          x: new Float32Array(5),
          y: new Float32Array(5),
          weights: new Float32Array(1),
        }),
      'Received: 5 and 5 numbers.',
    ],
    [
      'decoding no cells',
      () => integralCodec(SIZES).decode({ cells: new Float32Array(3), weights: new Float32Array(1) }),
      'Received: 3 and 1 numbers.',
    ],
    [
      'an unknown codec',
      () => codecFromJSON({ codec: 'morse' } as never),
      'codec must be gaussian, offset, simcc, integral, cpn, coordinate or disk-offset. Received: {"codec":"morse"}.',
    ],
    ['null', () => codecFromJSON(null as never), 'Received: null.'],
  ])('%s is a RangeError', (_, run, message) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });
});

test('the type of the restored codec is the one asked for', () => {
  expectTypeOf(codecFromJSON<HeatmapCodec>).returns.toEqualTypeOf<HeatmapCodec>();
  expectTypeOf(codecFromJSON<SimccCodec>).returns.toEqualTypeOf<SimccCodec>();
});
