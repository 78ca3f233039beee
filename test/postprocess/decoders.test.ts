import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  argmax,
  dark,
  darkDecoder,
  decoderFromJSON,
  quarterOffset,
  softArgmax,
  softArgmaxDecoder,
  type Cells,
  type Decoder,
  type HeatmapArray,
} from 'poseblocks/postprocess';
import examples from '../fixtures/examples.json';
import { describeEngines } from '../support/engines';

const [W, H] = [48, 64];
const gauss = (cx: number, cy: number, x: number, y: number) => Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8);

/** The maps of the worked examples: un-truncated Gaussians, and one that is negative everywhere; one channel each. */
function exampleMaps(): HeatmapArray {
  const { centers } = examples.decode;
  const K = centers.length;
  const heatmaps = new Float32Array(W * H * K);
  centers.forEach((center, k) => {
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        heatmaps[(y * W + x) * K + k] =
          typeof center === 'string' ? -gauss(10, 10, x, y) - 0.5 : gauss(center[0]!, center[1]!, x, y);
      }
    }
  });
  return { heatmaps, shape: [H, W, K] };
}

function expectCells(actual: ArrayLike<number>, expected: readonly (readonly number[])[], tolerance: number): void {
  expected.flat().forEach((value, i) => {
    expect(Math.abs(actual[i]! - value), `number ${i}: ${actual[i]} ≠ ${value}`).toBeLessThanOrEqual(tolerance);
  });
}

/** Five decimals in the file; and with β = 1 nearly every cell counts in the reference's float32 sums of 3,072 terms. */
const printed = (beta: number) => (beta === 1 ? 1.5e-4 : 1.5e-5);

describe('the worked examples of the reference', () => {
  const maps = exampleMaps();
  const soft = examples.decode.softargmax2d;

  test('argmax', () => {
    const { xy, score } = argmax(maps);
    expectCells(xy, examples.decode.argmax, 0);
    expectCells(score, [examples.decode.maxvals], 1e-7);
  });

  test('argmax and quarter offset', () => {
    expectCells(quarterOffset(maps).xy, examples.decode.argmax_quarter_offset, 0);
    expectCells(quarterOffset(maps).score, [examples.decode.maxvals], 1e-7);
  });

  test.each(soft)('soft-argmax with β = $beta', ({ beta, preds, maxvals }) => {
    const { xy, score } = softArgmaxDecoder({ beta })(maps);
    expectCells(xy, preds, printed(beta));
    expectCells(score, [maxvals], 1e-6);
  });

  test('the released configuration: soft-argmax, then the quarter offset', () => {
    const { xy, score } = softArgmaxDecoder({ beta: 160, quarterOffset: true })(maps);
    expectCells(xy, examples.decode.official_softargmax_beta160_then_quarter_offset, printed(160));
    expectCells(score, [examples.decode.official_maxvals], 1e-7);
  });
});

describeEngines('soft-argmax on the device', () => {
  const maps = exampleMaps();
  const K = maps.shape[2];
  const onDevice = async (options: Parameters<typeof softArgmax>[1], source = maps): Promise<Float32Array> => {
    const heatmaps = tf.tensor4d(source.heatmaps, [1, ...source.shape]);
    const cells = softArgmax(heatmaps, options);
    expect(cells.shape).toEqual([1, source.shape[2], 2]);
    const data = (await cells.data()) as Float32Array;
    tf.dispose([heatmaps, cells]);
    return data;
  };

  test.each(examples.decode.softargmax2d)('equals the reference, β = $beta', async ({ beta, preds }) => {
    const actual = await onDevice({ beta });
    expectCells(actual, preds, printed(beta) + 5e-6);
    expectCells(actual, [[...softArgmaxDecoder({ beta })(maps).xy]], 1e-5);
  });

  test.each([1, 4])('the local variant equals the array form, radius %i', async (radius) => {
    const local = softArgmaxDecoder({ beta: 10, radius })(maps);
    const actual = await onDevice({ beta: 10, radius });
    for (let k = 0; k < K; k++) {
      if (k === 1) continue; // a tie of four cells: engines choose differently
      expectCells(actual.slice(2 * k, 2 * k + 2), [[local.xy[2 * k]!, local.xy[2 * k + 1]!]], 1e-5);
    }
  });

  test('has a gradient: cells move with the Gaussian', async () => {
    const heatmaps = tf.tensor4d(maps.heatmaps, [1, ...maps.shape]);
    const loss = (x: tf.Tensor) => tf.sum(softArgmax(x as tf.Tensor4D, { beta: 10 })) as tf.Scalar;
    const gradient = tf.grad(loss)(heatmaps);
    // d x̂ / d h(q) = β·p(q)·(x(q) − x̂ + y(q) − ŷ), from the definition.
    const expected = new Float32Array(maps.heatmaps.length);
    for (let k = 0; k < K; k++) {
      const p = new Float64Array(W * H);
      let [total, x, y] = [0, 0, 0];
      for (let i = 0; i < W * H; i++) total += p[i] = Math.exp(10 * maps.heatmaps[i * K + k]!);
      for (let i = 0; i < W * H; i++) {
        p[i]! /= total;
        x += p[i]! * (i % W);
        y += p[i]! * Math.floor(i / W);
      }
      for (let i = 0; i < W * H; i++) expected[i * K + k] = 10 * p[i]! * ((i % W) - x + Math.floor(i / W) - y);
    }
    const data = await gradient.data();
    const largest = Math.max(...expected.map(Math.abs));
    for (let i = 0; i < data.length; i++) expect(Math.abs(data[i]! - expected[i]!)).toBeLessThan(1e-4 * largest);
    tf.dispose([heatmaps, gradient]);
  });

  test('returns one tensor and leaves its input alone', () => {
    const heatmaps = tf.tensor4d(maps.heatmaps, [1, ...maps.shape]);
    const before = tf.memory().numTensors;
    tf.dispose(softArgmax(heatmaps, { radius: 3 }));
    expect(tf.memory().numTensors).toBe(before);
    expect(heatmaps.isDisposed).toBe(false);
    heatmaps.dispose();
  });
});

const decoders: [string, Decoder][] = [
  ['argmax', argmax],
  ['quarterOffset', quarterOffset],
  ['dark', dark],
  ['softArgmaxDecoder', softArgmaxDecoder({ beta: 10 })],
  ['softArgmaxDecoder, local', softArgmaxDecoder({ beta: 10, radius: 3 })],
];

describe.each(decoders)('%s', (name, decode) => {
  const blob = (cx: number, cy: number, noise = 0): HeatmapArray => {
    const heatmaps = new Float32Array(W * H);
    for (let i = 0; i < W * H; i++) heatmaps[i] = gauss(cx, cy, i % W, Math.floor(i / W)) + noise * Math.sin(i * i);
    return { heatmaps, shape: [H, W, 1] };
  };

  test('is a number whatever the maps hold', () => {
    const value = fc.oneof(
      fc.double({ min: -2, max: 2 }),
      fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e-38, 1e30),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 98, maxLength: 98 }), (values) => {
        const { xy, score } = decode({ heatmaps: Float32Array.from(values), shape: [7, 7, 2] });
        xy.forEach((v) => expect(v >= -1 && v <= 7, `${v}`).toBe(true));
        score.forEach((v) => expect(Number.isNaN(v)).toBe(false));
      }),
      { numRuns: 300 },
    );
  });

  test('ignores NaN cells, and scores 0 where there is nothing else', () => {
    const maps = blob(20, 30);
    maps.heatmaps[5] = NaN;
    expectCells(decode(maps).xy, [[...decode(blob(20, 30)).xy]], 1e-3); // β = 10 weighs that cell by e⁻¹⁰
    const { xy, score } = decode({ heatmaps: new Float32Array(12).fill(NaN), shape: [3, 4, 1] });
    expect([...xy, ...score]).toEqual([0, 0, 0]);
  });

  test('exchanges x and y when the map is transposed', () => {
    const maps = blob(20.3, 30.4, 0.01);
    const turned = new Float32Array(W * H);
    for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) turned[x * H + y] = maps.heatmaps[y * W + x]!;
    const [x, y] = decode(maps).xy;
    expectCells(decode({ heatmaps: turned, shape: [W, H, 1] }).xy, [[y!, x!]], 1e-5);
  });

  test('decodes each channel on its own', () => {
    const centers = [
      [10.2, 12.6],
      [30.5, 50.1],
      [5, 60],
    ] as const;
    const heatmaps = new Float32Array(W * H * 3);
    centers.forEach(([x, y], k) => blob(x, y).heatmaps.forEach((v, i) => (heatmaps[3 * i + k] = v)));
    const together = decode({ heatmaps, shape: [H, W, 3] });
    centers.forEach(([x, y], k) => {
      const alone = decode(blob(x, y));
      expect([together.xy[2 * k], together.xy[2 * k + 1], together.score[k]]).toEqual([...alone.xy, ...alone.score]);
    });
  });

  test('survives JSON', () => {
    const restored = decoderFromJSON(JSON.parse(JSON.stringify(decode)));
    expect(restored(blob(20.3, 30.4, 0.01))).toEqual(decode(blob(20.3, 30.4, 0.01)));
  });

  test('rejects memory of another shape', () => {
    expect(() => decode({ heatmaps: new Float32Array(11), shape: [3, 4, 1] })).toThrow(
      /heatmaps must hold height × width × keypoints numbers\. Received: 11 for \[3,4,1\]/,
    );
  });
});

describe('laws', () => {
  const position = fc.double({ min: 12, max: 30, noNaN: true });
  const at = (decode: Decoder, cx: number, cy: number): Cells => {
    const heatmaps = new Float32Array(W * H);
    for (let i = 0; i < W * H; i++) heatmaps[i] = gauss(cx, cy, i % W, Math.floor(i / W));
    return decode({ heatmaps, shape: [H, W, 1] });
  };

  test('soft-argmax is translation-equivariant: a map moved by whole cells moves the result', () => {
    const decode = softArgmaxDecoder({ beta: 160 });
    fc.assert(
      fc.property(position, position, fc.integer({ min: 1, max: 6 }), (x, y, shift) => {
        const [x0, y0] = at(decode, x, y).xy;
        expectCells(at(decode, x + shift, y + shift).xy, [[x0! + shift, y0! + shift]], 1e-4);
      }),
      { numRuns: 60 },
    );
  });

  test('soft-argmax tends to argmax as β grows, and to the middle as β goes to 0', () => {
    const distance = (beta: number) => Math.abs(at(softArgmaxDecoder({ beta }), 20.3, 30.4).xy[0]! - 20);
    const distances = [20, 40, 80, 160, 320].map(distance);
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distance(5000)).toBeLessThan(1e-6);
    expectCells(at(softArgmaxDecoder({ beta: 0 }), 20.3, 30.4).xy, [[23.5, 31.5]], 1e-5);
  });

  test('soft-argmax with a local window stays inside it', () => {
    const [x, y] = at(softArgmaxDecoder({ beta: 0, radius: 2 }), 20.3, 30.4).xy;
    expectCells([x!, y!], [[20, 30]], 1e-5);
  });

  test('DARK finds the centre of a Gaussian, and does not move on a flat map', () => {
    fc.assert(
      fc.property(position, position, (x, y) => expectCells(at(dark, x, y).xy, [[x, y]], 0.005)),
      { numRuns: 100 },
    );
    expect([...dark({ heatmaps: new Float32Array(W * H).fill(0.5), shape: [H, W, 1] }).xy]).toEqual([0, 0]);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['a negative β', () => softArgmaxDecoder({ beta: -1 }), /beta must be finite and not negative. Received: -1/],
  ['an infinite β', () => softArgmaxDecoder({ beta: Infinity }), /Received: Infinity. For β → ∞ use argmax/],
  ['a radius of half a cell', () => softArgmaxDecoder({ radius: 0.5 }), /radius must be a positive integer.*0\.5/],
  ['an even kernel', () => darkDecoder({ kernelSize: 4 }), /kernelSize must be odd and positive. Received: 4/],
  ['an unknown decoder', () => decoderFromJSON({ decoder: 'guess' } as never), /Received: {"decoder":"guess"}/],
])('%s is a RangeError', (_, run, message) => {
  expect(run).toThrow(RangeError);
  expect(run).toThrow(message);
});
