import * as tf from '@tensorflow/tfjs-core';
import { keypointsOf, type Box } from 'poseblocks/keypoints';
import { roiHeatmapDecode } from 'poseblocks/postprocess';
import { roiKeypointTarget } from 'poseblocks/targets';
import { oneHotKeypointLoss } from 'poseblocks/training';
import { describe, expect, it } from 'vitest';
import { expectClose, expectRelative } from '../support/close';
import { describeEngines } from '../support/engines';
import { readBlockFixture } from '../support/fixtures';
import { toChannelsLast } from '../support/network';

const { tensors } = readBlockFixture('keypoint_rcnn_loss_decode', 'quoted/blocks');
const data = (name: string): Float32Array => tensors[name]!.data;
const [R, K] = tensors['target_index']!.shape as [number, number];
const boxes = Array.from({ length: R }, (_, r): Box => {
  const [x1, y1, x2, y2] = data('rois').subarray(4 * r, 4 * r + 4) as unknown as [number, number, number, number];
  return [x1, y1, x2 - x1, y2 - y1];
});
const people = boxes.map((_, r) => keypointsOf('image', data('keypoints').subarray(3 * K * r, 3 * K * (r + 1))));

describeEngines('the one-hot loss', () => {
  it('has the targets, the loss and the gradient of torchvision', async () => {
    const { cells, weights } = roiKeypointTarget(people, boxes);
    const valid = [...data('target_valid')];
    expect([...(await weights.data())]).toEqual(valid);
    expect([...(await cells.data())]).toEqual(valid.map((v, i) => (v ? data('target_index')[i]! : 0)));
    const logits = toChannelsLast(tensors['logits']!) as tf.Tensor4D;
    const loss = oneHotKeypointLoss(cells, weights, logits);
    expectClose(await loss.data(), data('loss'), 1e-5, 'loss');
    const dx = tf.grad((x) => oneHotKeypointLoss(cells, weights, x as tf.Tensor4D))(logits);
    const wanted = toChannelsLast(tensors['grad.logits']!);
    expectRelative(await dx.data(), await wanted.data(), 1e-4, 'gradient');
    const none = oneHotKeypointLoss(cells, tf.zerosLike(weights), logits);
    expect((await none.data())[0]).toBe(0);
    expect(() => oneHotKeypointLoss(cells, weights, tf.zeros([1, 2, 2, K]) as tf.Tensor4D)).toThrow(
      `oneHotKeypointLoss: predicted must be [R, H, W, K], target and weights [R, K]. Received: [1,2,2,${K}], [${R},${K}], [${R},${K}].`,
    );
    tf.dispose([cells, weights, logits, loss, dx, wanted, none]);
  });
});

describe('roiHeatmapDecode', () => {
  it('decodes as torchvision', () => {
    const [, , H, W] = tensors['decode_maps']!.shape as [number, number, number, number];
    boxes.forEach((box, r) => {
      const heatmaps = new Float32Array(H * W * K);
      const planes = data('decode_maps').subarray(r * K * H * W, (r + 1) * K * H * W);
      for (let k = 0; k < K; k++) for (let i = 0; i < H * W; i++) heatmaps[i * K + k] = planes[k * H * W + i]!;
      const { frame, xy, score } = roiHeatmapDecode({ heatmaps, shape: [H, W, K] }, box);
      expect(frame).toBe('image');
      const wanted = Array.from({ length: K }, (_, k) => [
        ...data('decode_xy1').subarray(3 * (r * K + k), 3 * (r * K + k) + 2),
      ]);
      expectClose(xy, wanted.flat(), 1e-5, 'coordinates');
      expectClose(score, data('decode_scores').subarray(r * K, (r + 1) * K), 1e-5, 'scores');
    });
  });

  it('finds what the target put there, to half a cell of the map', async () => {
    const box: Box = [10, 20, 56, 112];
    const person = keypointsOf('image', [12.5, 33, 2, 40.1, 100.7, 1]);
    const heatmaps = new Float32Array(56 * 56 * 2);
    const { cells, weights } = roiKeypointTarget([person], [box]);
    [...(await cells.data())].forEach((cell, k) => (heatmaps[cell * 2 + k] = 1));
    const { xy } = roiHeatmapDecode({ heatmaps, shape: [56, 56, 2] }, box);
    for (let k = 0; k < 2; k++) {
      expect(Math.abs(xy[2 * k]! - person.xy[2 * k]!)).toBeLessThanOrEqual(0.5001);
      expect(Math.abs(xy[2 * k + 1]! - person.xy[2 * k + 1]!)).toBeLessThanOrEqual(1.5001);
    }
    tf.dispose([cells, weights]);
  });

  it('refuses what it cannot', () => {
    expect(() => roiHeatmapDecode({ heatmaps: new Float32Array(4), shape: [2, 2, 1] }, [0, 0, NaN, 1])).toThrow(
      'roiHeatmapDecode: box must be [x, y, width, height], finite. Received: [0, 0, NaN, 1].',
    );
    expect(() => roiKeypointTarget(people, [])).toThrow(
      `roiKeypointTarget: there must be a box for each person. Received: 0 boxes, ${R} people.`,
    );
    expect(() =>
      roiKeypointTarget(
        people,
        boxes.map(() => [0, 0, 0, 4] as const),
      ),
    ).toThrow(
      'roiKeypointTarget: boxes must be [x, y, width, height] with positive width and height. Received: [0, 0, 0, 4].',
    );
  });
});
