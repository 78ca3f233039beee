import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { expect, it } from 'vitest';
import { compileGraph } from '../../src/inference/compile';
import { floatsFrom } from './one-convolution';

const [HEIGHT, WIDTH] = [9, 7];

/** 3 × 3 with stride 2 and padding 1. */
function definition(x: Float32Array, channels: number): number[] {
  const y: number[] = [];
  for (let top = -1; top < HEIGHT - 1; top += 2) {
    for (let left = -1; left < WIDTH - 1; left += 2) {
      for (let c = 0; c < channels; c++) {
        const values: number[] = [];
        for (let row = Math.max(top, 0); row < Math.min(top + 3, HEIGHT); row++) {
          for (let column = Math.max(left, 0); column < Math.min(left + 3, WIDTH); column++) {
            values.push(x[(row * WIDTH + column) * channels + c]!);
          }
        }
        y.push(Math.max(...values));
      }
    }
  }
  return y;
}

it.each([6, 16, 20, 32, 48, 52])('max pooling of %i channels is its definition, and keeps NaN', async (channels) => {
  await useEngine('wasm');
  const x = floatsFrom(3)(HEIGHT * WIDTH * channels);
  x[6 * channels - 1] = NaN;
  const pads = { top: 1, left: 1, bottom: 1, right: 1 };
  const run = compileGraph({
    name: 'pool',
    inputs: [{ name: 'image', shape: [HEIGHT, WIDTH, channels] }],
    outputs: ['y'],
    nodes: [
      { name: 'y', inputs: ['image'], shape: [5, 4, channels], op: { kind: 'maxPool', size: 3, strides: 2, pads } },
    ],
  });
  const image = tf.tensor4d(x, [1, HEIGHT, WIDTH, channels]);
  const y = run(image) as tf.Tensor;
  expect([...(await y.data())]).toEqual(definition(x, channels));
  tf.dispose([image, y]);
  run.dispose();
});
