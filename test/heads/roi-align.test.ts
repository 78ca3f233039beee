import * as tf from '@tensorflow/tfjs-core';
import { keypointRoiHead, roiAlign, roiLevels } from 'poseblocks/heads';
import { describe, expect, it } from 'vitest';
import { expectClose, expectRelative } from '../support/close';
import { describeBlock } from '../support/describe-block';
import { describeEngines } from '../support/engines';
import { readBlockFixture } from '../support/fixtures';
import { noise, toChannelsLast } from '../support/network';

const folder = 'quoted/blocks';

describeBlock('keypointRoiHead', keypointRoiHead({ keypoints: 3, filters: [8, 8] }), {
  input: [14, 14, 6],
  output: [56, 56, 3],
  params: 1411,
  folder,
  golden: 'keypoint_rcnn_head_c6_8',
});

describeEngines('roiAlign', () => {
  it('equals torchvision, boxes outside the image included, and so does its gradient', async () => {
    const { tensors, meta } = readBlockFixture('roi_align_4x4_s2', folder);
    const rois = meta['rois'] as number[][];
    const x = toChannelsLast(tensors['input']!);
    const boxes = tf.tensor2d(rois.map((roi) => roi.slice(1)));
    const images = tf.tensor1d(
      rois.map((roi) => roi[0]!),
      'int32',
    );
    const run = (x: tf.Tensor): tf.Tensor4D =>
      roiAlign([x as tf.Tensor4D], boxes, images, { size: [4, 4], strides: [4] });
    const before = tf.memory().numTensors;
    const y = run(x);
    expect(tf.memory().numTensors).toBe(before + 1);
    const wanted = toChannelsLast(tensors['eval_output']!);
    expect(y.shape).toEqual(wanted.shape);
    expectClose(await y.data(), await wanted.data(), 1e-5, 'values');
    const cotangent = toChannelsLast(tensors['cotangent']!);
    const dx = tf.grad((x) => tf.sum(tf.mul(run(x), cotangent)))(x);
    const gradient = toChannelsLast(tensors['grad.input']!);
    expectRelative(await dx.data(), await gradient.data(), 1e-4, 'gradient');
    tf.dispose([x, boxes, images, y, wanted, cotangent, dx, gradient]);
  });

  it('reads each box of a pyramid from its level, with the gradient of that map alone, by finite differences', async () => {
    const maps = [
      [16, 16],
      [8, 8],
    ].map(([h, w], i) => noise([2, h!, w!, 3], 3 + i) as tf.Tensor4D);
    // 200 and 100 pixels a side: level 3, the second here, and level 2.
    const boxes = tf.tensor2d([
      [-5, 10, 195, 210],
      [3, 7, 103, 107],
      [20, 30, 120, 60],
    ]);
    const images = tf.tensor1d([1, 0, 1], 'int32');
    const options = { size: [3, 2] as const, strides: [4, 8] };
    expect([...(await roiLevels(boxes, [4, 8]).data())]).toEqual([1, 0, 0]);
    const alone = [1, 0, 0].map((level, r) =>
      roiAlign([maps[level]!], tf.slice(boxes, [r, 0], [1, 4]), tf.slice(images, [r], [1]), {
        size: [3, 2],
        strides: [options.strides[level]!],
      }),
    );
    const run = (...at: tf.Tensor[]): tf.Tensor => roiAlign(at as tf.Tensor4D[], boxes, images, options);
    const [y, one] = [run(...maps), tf.concat(alone)];
    expectClose(await y.data(), await one.data(), 1e-6, 'values');
    const [v, w] = [maps.map(({ shape }, i) => noise(shape, 7 + i)), noise(y.shape, 9)];
    const gradients = tf.grads((...at: tf.Tensor[]) => tf.sum(tf.mul(run(...at), w)))(maps);
    const analytic = tf.tidy(() => tf.addN(gradients.map((gradient, i) => tf.sum(tf.mul(gradient, v[i]!)))));
    const at = (h: number): tf.Tensor => tf.sum(tf.mul(run(...maps.map((map, i) => tf.add(map, tf.mul(v[i]!, h)))), w));
    const numeric = tf.tidy(() => tf.sub(at(0.5), at(-0.5)));
    expectClose(await analytic.data(), await numeric.data(), 1e-4, 'along a direction');
    tf.dispose([maps, boxes, images, alone, y, one, v, w, gradients, analytic, numeric]);
  });
});

describe('roiAlign', () => {
  it('refuses what does not fit', () => {
    const [map, boxes, images] = [tf.zeros([1, 4, 4, 2]) as tf.Tensor4D, tf.zeros([1, 4]) as tf.Tensor2D, tf.zeros([1], 'int32') as tf.Tensor1D]; // prettier-ignore
    expect(() => roiAlign([map], boxes, images, { size: [2, 2], strides: [4, 8] })).toThrow(
      'roiAlign: maps must be one or more with the same channels and one stride each. Received: [[1,4,4,2]] and strides [4,8].',
    );
    expect(() => roiAlign([map], tf.zeros([1, 5]), images, { size: [2, 2], strides: [4] })).toThrow(
      'roiAlign: boxes must be [R, 4] and images [R]. Received: [1,5] and [1].',
    );
  });
});
