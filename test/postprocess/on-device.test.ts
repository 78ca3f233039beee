import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  argmax,
  argmaxOnDevice,
  dark,
  darkDecoder,
  darkOnDevice,
  quarterOffset,
  quarterOffsetOnDevice,
  type Decoder,
} from 'poseblocks/postprocess';
import { describeEngines } from '../support/engines';

const [N, H, W, K] = [3, 20, 16, 3];
/**
 * Gaussians inside, near the border and in corners, maps of nothing, one negative; a little structure, and no ties. The
 * first and the last lie where a neighbour's number is none of any map.
 */
const centers: ([number, number] | 'negative' | 'empty')[] = [
  'empty',
  [8.3, 9.4],
  [1.2, 15.7],
  'negative',
  [14.6, 18.8],
  'empty',
  [6.8, 10.1],
  [0.3, 0.2],
  [14.8, 18.9],
];
const heatmaps = new Float32Array(N * H * W * K);
centers.forEach((center, map) => {
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const at = ((Math.floor(map / K) * H + y) * W + x) * K + (map % K);
      const [cx, cy] = typeof center === 'string' ? [5, 5] : center;
      const gaussian = Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8) + 0.001 * Math.sin(3 * x + 5 * y);
      heatmaps[at] = center === 'negative' ? gaussian - 2 : center === 'empty' ? 0 : gaussian;
    }
  }
});

describeEngines('decoders on the device', () => {
  const cases: [string, (maps: tf.Tensor4D) => tf.Tensor3D, Decoder, number][] = [
    ['argmax', argmaxOnDevice, argmax, 0],
    ['quarter offset', quarterOffsetOnDevice, quarterOffset, 0],
    ['DARK', darkOnDevice, dark, 2e-4], // second differences of a float32 logarithm
    ['DARK with a kernel of 5', (maps) => darkOnDevice(maps, { kernelSize: 5 }), darkDecoder({ kernelSize: 5 }), 2e-4],
  ];

  test.each(cases)('%s equals the array form', async (_, onDevice, onArrays, tolerance) => {
    const maps = tf.tensor4d(heatmaps, [N, H, W, K]);
    const before = tf.memory().numTensors;
    const found = onDevice(maps);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(found.shape).toEqual([N, K, 3]);
    const data = await found.data();
    for (let n = 0; n < N; n++) {
      const person = heatmaps.subarray(n * H * W * K, (n + 1) * H * W * K);
      const { xy, score } = onArrays({ heatmaps: person, shape: [H, W, K] });
      for (let k = 0; k < K; k++) {
        const at = 3 * (n * K + k);
        expect(Math.abs(data[at]! - xy[2 * k]!), `x of ${n}, ${k}`).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(data[at + 1]! - xy[2 * k + 1]!), `y of ${n}, ${k}`).toBeLessThanOrEqual(tolerance);
        expect(data[at + 2]).toBe(score[k]);
      }
    }
    tf.dispose([maps, found]);
  });

  test('rejects other shapes', () => {
    const flat = tf.zeros([2, 3]) as unknown as tf.Tensor4D;
    expect(() => argmaxOnDevice(flat)).toThrow('argmaxOnDevice: heatmaps must be [N, H, W, K]. Received: [2, 3].');
    expect(() => darkOnDevice(flat, { kernelSize: 2 })).toThrow(
      'darkOnDevice: kernelSize must be odd and positive. Received: 2.',
    );
    flat.dispose();
  });
});
