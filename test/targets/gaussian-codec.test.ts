import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keypointsOf, type Keypoints } from 'poseblocks/keypoints';
import {
  argmax,
  dark,
  darkDecoder,
  quarterOffset,
  secondMaximum,
  softArgmaxDecoder,
  type Decoder,
} from 'poseblocks/postprocess';
import { codecFromJSON, gaussianCodec, type GaussianCodecOptions, type HeatmapCodec } from 'poseblocks/targets';
import examples from '../fixtures/examples.json';
import { describeEngines } from '../support/engines';
import { expectPrecision, shifted, violations } from './precision';

/** A quarter of the real one, at the same stride. */
const SMALL = { inputSize: [96, 128], heatmapSize: [24, 32] } as const;
const SIZES = { inputSize: [192, 256], heatmapSize: [48, 64] } as const;
const person = (...xyv: number[]): Keypoints<'input'> => keypointsOf('input', xyv);
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

describe('the worked examples of the reference', () => {
  const codec = gaussianCodec(SIZES);

  test.each(examples.generate_target_192x256_hm48x64_sigma2)('joint $joint, visible $visible', (row) => {
    const { heatmaps, weights, shape } = codec.encode(person(row.joint[0]!, row.joint[1]!, row.visible));
    expect(shape).toEqual([64, 48, 1]);
    expect(weights[0]).toBe(row.target_weight);
    expect(heatmaps.filter((v) => v !== 0).length).toBe(row.nonzero);
    expect(Math.abs(sum(heatmaps) - row.sum)).toBeLessThan(5e-6); // the reference's exp and sum are float32
    const { xy, score } = argmax({ heatmaps, shape });
    expect(Math.abs(score[0]! - row.max)).toBeLessThan(1.2e-7);
    if (row.argmax) expect([...xy]).toEqual(row.argmax);
  });

  test('the values of a row', () => {
    const row = examples.generate_target_row;
    const { heatmaps } = codec.encode(person(row.joint[0]!, row.joint[1]!, 2));
    const at = (x: number, y: number) => heatmaps[y * 48 + x]!;
    row.values_y13_x19_to_31.forEach((v, i) => expect(at(19 + i, 13)).toBeCloseTo(v, 6));
    row.values_y14_x19_to_31.forEach((v, i) => expect(at(19 + i, 14)).toBeCloseTo(v, 6));
    examples.gauss1d_sigma2.forEach((v, i) => expect(at(25 + i, 13)).toBeCloseTo(v, 6));
    expect(at(31, 19)).toBeCloseTo(row.value_y19_x31, 8);
    expect(at(25, 20)).toBe(row.value_y20_x25);
  });

  test('equation 5, un-truncated', () => {
    const row = examples.eq5_untruncated;
    const [cx, cy] = row.center_heatmap as [number, number];
    const { heatmaps } = gaussianCodec({ ...SIZES, center: 'exact', sigma: row.sigma }).encode(
      person(4 * cx, 4 * cy, 2),
    );
    expect(sum(heatmaps)).toBeCloseTo(row.sum, 4);
    expect(heatmaps[13 * 48 + 25]).toBeCloseTo(row.value_y13_x25, 5);
    expect(heatmaps[13 * 48 + 24]).toBeCloseTo(row.value_y13_x24, 6);
    expect(heatmaps[0]! / row.value_y0_x0).toBeCloseTo(1, 1); // a denormal: two digits
  });
});

const decoders: [string, Decoder][] = [
  ['argmax', argmax],
  ['quarterOffset', quarterOffset],
  ['dark', dark],
  ['soft-argmax β = 160', softArgmaxDecoder()],
  ['soft-argmax β = 10', softArgmaxDecoder({ beta: 10 })],
  ['local soft-argmax β = 10', softArgmaxDecoder({ beta: 10, radius: 6 })],
  ['soft-argmax with quarter offset', softArgmaxDecoder({ quarterOffset: true })],
  ['second maximum', secondMaximum()],
];
const codecs = decoders.flatMap(([name, refine]) =>
  (['rounded', 'exact'] as const).flatMap((center) =>
    (['edges', 'centers'] as const).map(
      (align) =>
        [`${name}, ${center}, ${align}`, { ...SMALL, center, align, refine }] as [string, GaussianCodecOptions],
    ),
  ),
);

describe('stated precision', () => {
  test.each(codecs)('%s holds it over the whole image', (_, options) => {
    for (const sigma of [1.5, 2, 3]) expectPrecision(gaussianCodec({ ...options, sigma }));
    for (const factor of [0.5, 100]) expectPrecision(gaussianCodec({ ...options, factor })); // paper 000's is 100 at first
  });

  test.each(codecs)('%s fails it when the decode is half a cell off', (_, options) => {
    // At the papers' size: CPN's blur reaches the border from everywhere on the small map.
    const codec = gaussianCodec({ ...options, ...SIZES });
    for (const by of [-2, 2]) expect(violations(shifted(codec, by))).toBeGreaterThan(0);
  });

  test('holds at the size of the papers', () => {
    expectPrecision(gaussianCodec(SIZES));
    expectPrecision(gaussianCodec({ ...SIZES, center: 'exact', refine: quarterOffset }));
  });

  test('is what the papers give', () => {
    expect(gaussianCodec(SIZES).precision).toBe(2);
    expect(gaussianCodec({ ...SIZES, center: 'exact', refine: quarterOffset }).precision).toBe(1);
    expect(gaussianCodec({ ...SIZES, center: 'exact', refine: dark }).precision).toBeLessThanOrEqual(0.2);
    expect(gaussianCodec({ ...SIZES, center: 'exact', refine: (maps) => argmax(maps) }).precision).toBe(2);
  });

  test('aligned to centers, targets commute with the mirror, as UDP wants; aligned to edges they do not', () => {
    const difference = (align: 'edges' | 'centers'): number => {
      const codec = gaussianCodec({ ...SIZES, center: 'exact', align });
      const [xs, y] = [[60.3, 71.9, 100, 133.7], 120.4];
      const at = (mirrored: boolean) =>
        codec.encode(
          keypointsOf(
            'input',
            xs.flatMap((x) => [mirrored ? 191 - x : x, y, 2]),
          ),
        );
      const [straight, mirror] = [at(false), at(true)];
      const back = mirror.heatmaps.map((_, i) => {
        const [k, x, row] = [i % 4, Math.floor(i / 4) % 48, Math.floor(i / 192)];
        return mirror.heatmaps[(row * 48 + 47 - x) * 4 + k]!;
      });
      return Math.max(...back.map((value, i) => Math.abs(value - straight.heatmaps[i]!)));
    };
    expect(difference('centers')).toBeLessThan(2e-6);
    expect(difference('edges')).toBeGreaterThan(0.1);
  });

  test('holds whatever the sizes, sigma, amplitude and decoder', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const odd = fc.integer({ min: 3, max: 10 }).map((half) => 2 * half + 1);
    const soft = fc.record({
      beta: number(0, 7).map(Math.exp),
      radius: fc.integer({ min: 1, max: 9 }),
      quarterOffset: fc.boolean(),
    });
    const refine = fc.oneof(
      soft.map((options) => softArgmaxDecoder(options)),
      soft.map(({ beta, quarterOffset }) => softArgmaxDecoder({ beta, quarterOffset })),
      odd.map((kernelSize) => darkDecoder({ kernelSize })),
      fc
        .tuple(odd, fc.integer({ min: 0, max: 12 }), number(0, 0.5))
        .map(([kernelSize, padding, shift]) => secondMaximum({ kernelSize, padding, shift })),
      fc.constantFrom<Decoder>(argmax, quarterOffset),
    );
    const sizes = fc
      .tuple(
        fc.integer({ min: 12, max: 30 }),
        fc.integer({ min: 12, max: 34 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 0, max: 1 }),
      )
      .map(([w, h, stride, more]) => ({ inputSize: [w * stride + more, h * stride], heatmapSize: [w, h] }) as const);
    const options = fc.record({
      sigma: number(1, 4),
      factor: number(-2, 5).map(Math.exp),
      center: fc.constantFrom('exact' as const, 'rounded' as const),
      align: fc.constantFrom('edges' as const, 'centers' as const),
      refine,
    });
    fc.assert(
      fc.property(sizes, options, (some, others) => expectPrecision(gaussianCodec({ ...some, ...others }))),
      { numRuns: 120, seed: 7 }, // fresh ones hold as well: 20,000 were tried
    );
  });

  test('holds for fractional strides', () => {
    expectPrecision(
      gaussianCodec({ inputSize: [144, 192], heatmapSize: [34, 50], center: 'exact', refine: quarterOffset }),
    );
    expectPrecision(gaussianCodec({ inputSize: [100, 120], heatmapSize: [32, 32] }));
  });
});

describe('encode', () => {
  const codec = gaussianCodec(SIZES);
  const place = fc.double({ min: -300, max: 600, noNaN: true });

  test('draws each keypoint in its own channel, whatever the others are', () => {
    const small = gaussianCodec(SMALL);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, place, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 5 }),
        (points) => {
          const K = points.length;
          const all = small.encode(person(...points.flat()));
          points.forEach((point, k) => {
            const alone = small.encode(person(...point));
            expect(alone.heatmaps.every((value, cell) => all.heatmaps[cell * K + k] === value)).toBe(true);
            expect(all.weights[k]).toBe(alone.weights[0]);
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('overwrites a target that is handed in', () => {
    const into = codec.encode(person(10, 20, 2, 30, 40, 2));
    const fresh = codec.encode(person(100, 200, 1, 0, 0, 0));
    expect(codec.encode(person(100, 200, 1, 0, 0, 0), into)).toBe(into);
    expect(into).toEqual(fresh);
    expect(() => codec.encode(person(1, 2, 1), into)).toThrow(
      'gaussianCodec.encode: into must be of shape [64, 48, 1]. Received: [64, 48, 2].',
    );
  });

  test('the factor is the peak, sigma the width', () => {
    const { heatmaps } = codec.withFactor(50).encode(person(100, 100, 2));
    expect(Math.max(...heatmaps)).toBe(50);
    expect(codec.withSigma(3).sigma).toBe(3);
    expect(sum(codec.withSigma(3).encode(person(100, 100, 2)).heatmaps)).toBeGreaterThan(
      2 * sum(codec.encode(person(100, 100, 2)).heatmaps),
    );
  });

  test('an exact Gaussian can be cut off too', () => {
    const { heatmaps } = gaussianCodec({ ...SIZES, center: 'exact', truncate: 3 }).encode(person(100.4, 100, 2));
    expect(heatmaps.filter((v) => v > 0).length).toBe(12 * 13);
  });
});

describe('bad input', () => {
  const codec = gaussianCodec(SIZES);
  test.each<[string, () => unknown, string]>([
    ['no sigma', () => gaussianCodec({ ...SIZES, sigma: 0 }), 'gaussianCodec: sigma must be positive. Received: 0.'],
    ['NaN factor', () => codec.withFactor(NaN), 'gaussianCodec: factor must be positive. Received: NaN.'],
    ['a size of 0', () => gaussianCodec({ inputSize: [192, 256], heatmapSize: [0, 64] }), 'target [0,64]'],
    ['a centre of another kind', () => gaussianCodec({ ...SIZES, center: 'middle' as never }), "must be 'rounded' or 'exact'. Received: \"middle\"."], // prettier-ignore
    ['another alignment', () => gaussianCodec({ ...SIZES, align: 'corners' as never }), "must be 'edges' or 'centers'. Received: \"corners\"."], // prettier-ignore
    ['a NaN keypoint', () => codec.encode(person(1, 1, 1, NaN, 3, 2)), 'Received: [NaN, 3] for keypoint 1.'],
    [
      'no keypoints',
      () => codec.encode({ frame: 'input', xy: new Float32Array(0), score: new Float32Array(0) }),
      'Received: 0 and 0.',
    ],
    ['an empty batch', () => codec.encodeBatch([]), 'people must be one or more'],
    ['a mixed batch', () => codec.encodeBatch([person(1, 1, 1), person(1, 1, 1, 2, 2, 2)]), 'Received: [1, 2].'],
    [
      'maps of another size',
      () => codec.decode({ heatmaps: new Float32Array(12), weights: new Float32Array(1), shape: [3, 4, 1] }),
      'must be [64, 48, K] for each person. Received: [3, 4, 1].',
    ],
    ['an unknown JSON', () => codecFromJSON({ codec: 'morse' } as never), 'Received: {"codec":"morse"}'],
  ])('%s is a RangeError', (_, run, message) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });

  test('keypoints of the image frame are a TypeError', () => {
    // @ts-expect-error an image-frame person is not an input-frame person
    expect(() => codec.encode(keypointsOf('image', [1, 2, 1]))).toThrow(TypeError);
  });

  test('unlabelled keypoints may hold anything', () => {
    const { heatmaps, weights } = codec.encode(person(NaN, Infinity, 0));
    expect(sum(heatmaps) + weights[0]!).toBe(0);
  });
});

describe('JSON', () => {
  test.each(codecs)('%s is restored', (_, options) => {
    const codec = gaussianCodec({ ...options, sigma: 1.7, factor: 3 });
    const restored = codecFromJSON<HeatmapCodec>(JSON.parse(JSON.stringify(codec)));
    const truth = person(100.3, 50.7, 1, 33.1, 200.9, 2);
    expect(restored.encode(truth)).toEqual(codec.encode(truth));
    expect(restored.decode(codec.encode(truth))).toEqual(codec.decode(codec.encode(truth)));
    expect(restored.precision).toBe(codec.precision);
  });

  test('a decoder of your own cannot be saved', () => {
    expect(() => JSON.stringify(gaussianCodec({ ...SIZES, refine: (maps) => argmax(maps) }))).toThrow(TypeError);
  });
});

describeEngines('batches', () => {
  const codec = gaussianCodec({ ...SIZES, center: 'exact', refine: quarterOffset });
  const people = [person(100.3, 50.7, 2, 20, 30, 0), person(33, 44, 1, 150, 250, 2), person(-900, 3, 2, 60.1, 60.9, 1)];

  test('stack what encode draws, and decode to what decode finds', async () => {
    const before = tf.memory().numTensors;
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    expect([heatmaps.shape, weights.shape]).toEqual([
      [3, 64, 48, 2],
      [3, 2],
    ]);
    const targets = people.map((p) => codec.encode(p));
    expect([...(await weights.data())]).toEqual(targets.flatMap((t) => [...t.weights]));
    const decoded = await codec.decodeBatch(heatmaps);
    expect(decoded).toEqual(targets.map((t) => codec.decode(t)));
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([heatmaps, weights]);
  });

  test('of another size are rejected', async () => {
    const maps = tf.zeros([1, 4, 4, 2]) as tf.Tensor4D;
    await expect(codec.decodeBatch(maps)).rejects.toThrow(
      'gaussianCodec.decodeBatch: heatmaps must be [64, 48, K] for each person. Received: [4, 4, 2].',
    );
    maps.dispose();
  });
});
