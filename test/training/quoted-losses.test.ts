import * as tf from '@tensorflow/tfjs-core';
import { coordinateRegression, cpnLoss, diskOffsetLoss, ohkm } from 'poseblocks/training';
import { expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { describeEngines } from '../support/engines';
import { readBlockFixture, readJson } from '../support/fixtures';

interface CpnCase {
  global_outputs: number[][][][][];
  labels: number[][][][][];
  refine: number[][][][];
  valids: number[][];
  per_joint: number[][];
  global_loss: number;
  refine_loss: number;
  total: number;
}
const cpnCase = readJson<{ cpn_loss: CpnCase }>('quoted/cases.json').cpn_loss;
/** [N, K, H, W] → [N, H, W, K]. */
const channelsLast = (maps: number[][][][]): tf.Tensor4D => tf.transpose(tf.tensor4d(maps), [0, 2, 3, 1]);
const value = async (loss: tf.Scalar): Promise<number> => (await loss.data())[0]!;

describeEngines('cpnLoss', () => {
  /** The case lists fine levels first, and the last label is RefineNet's. */
  const inputs = () => {
    const target = [...cpnCase.labels].reverse().map(channelsLast);
    const levels = [...cpnCase.global_outputs].reverse().map(channelsLast);
    return { target, levels, refined: channelsLast(cpnCase.refine), weights: tf.tensor2d(cpnCase.valids) };
  };

  it('equals tf-cpn’s, whole and in parts', async () => {
    const { target, levels, refined, weights } = inputs();
    const total = await value(cpnLoss()(target, weights, [...levels, refined]));
    expect(total / cpnCase.total).toBeCloseTo(1, 6);
    // A refined map that is perfect leaves GlobalNet's part.
    const global = await value(cpnLoss()(target, weights, [...levels, target[0]!]));
    expect(global / cpnCase.global_loss).toBeCloseTo(1, 6);
    expect((total - global) / cpnCase.refine_loss).toBeCloseTo(1, 5);
    const summed = await value(cpnLoss({ levels: 'sum' })(target, weights, [...levels, target[0]!]));
    expect(summed / (4 * cpnCase.global_loss)).toBeCloseTo(1, 6);
    const all = await value(cpnLoss({ topK: 'all' })(target, weights, [...levels, refined]));
    const mean = cpnCase.per_joint.flat().reduce((a, b) => a + b, 0) / cpnCase.per_joint.flat().length;
    expect((all - global) / mean).toBeCloseTo(1, 5);
  });

  it('is twice OHKM’s on the refined map, and has a gradient to every map', async () => {
    const { target, levels, refined, weights } = inputs();
    const labelled = tf.cast(tf.greater(weights, 0), 'float32') as tf.Tensor2D;
    const halved = await value(ohkm()(target[0]!, labelled, refined));
    expect(halved / (cpnCase.refine_loss / 2)).toBeCloseTo(1, 5);
    const maps = [...levels, refined];
    const grads = tf.grads((...xs) => cpnLoss()(target, weights, xs as tf.Tensor4D[]))(maps);
    // GlobalNet: (p − g) / (4 · size), g zero where not visible.
    const seen = tf.reshape(tf.cast(tf.greater(weights, 1), 'float32'), [2, 1, 1, 10]);
    const expected = tf.div(tf.sub(levels[1]!, tf.mul(target[1]!, seen)), 4 * levels[1]!.size);
    expectClose(await grads[1]!.data(), await expected.data(), 1e-6, 'gradient of a level');
    for (const grad of grads) expect(await value(tf.max(tf.abs(grad)))).toBeGreaterThan(0);
  });
});

describeEngines('diskOffsetLoss', () => {
  const { tensors, meta } = readBlockFixture('grmi_targets_loss', 'quoted/blocks');
  /** Three [3, 33, 25] as [1, 33, 25, 9]. */
  const maps = (...names: string[]): tf.Tensor4D =>
    tf.expandDims(
      tf.transpose(tf.concat(names.map((name) => tf.tensor(tensors[name]!.data, [3, 33, 25]))), [1, 2, 0]),
    ) as tf.Tensor4D;
  const target = (): tf.Tensor4D => maps('target_heatmap', 'target_offset_x', 'target_offset_y');
  const predicted = (): tf.Tensor4D => maps('logits', 'offset_x', 'offset_y');
  const { lambda_h: heatmaps, lambda_o: offsets } = meta as { lambda_h: number; lambda_o: number };
  const [loss_h, loss_o] = [tensors['loss_heatmap']!.data[0]!, tensors['loss_offset']!.data[0]!];

  it('equals the reference in value and gradients', async () => {
    const one = tf.ones<tf.Rank.R2>([1, 3]);
    const f = (x: tf.Tensor): tf.Scalar => diskOffsetLoss()(target(), one, x as tf.Tensor4D);
    const { value: loss, grad } = tf.valueAndGrad(f)(predicted());
    expect(heatmaps).toBe(4);
    expect((await value(loss as tf.Scalar)) / (heatmaps * loss_h + offsets * loss_o)).toBeCloseTo(1, 5);
    expectClose(
      await grad.data(),
      await maps('grad.logits', 'grad.offset_x', 'grad.offset_y').data(),
      1e-6,
      'gradient',
    );
  });

  it('learns nothing of unlabelled keypoints, and has no NaN where the offset is exact', async () => {
    const none = tf.zeros<tf.Rank.R2>([1, 3]);
    expect(await value(diskOffsetLoss()(target(), none, predicted()))).toBe(0);
    const one = tf.ones<tf.Rank.R2>([1, 3]);
    const grad = tf.grad((x) => diskOffsetLoss()(target(), one, x as tf.Tensor4D))(target());
    expect((await grad.data()).every(Number.isFinite)).toBe(true);
  });

  it('sums as the paper writes it, and adds auxiliary heatmaps', async () => {
    const one = tf.ones<tf.Rank.R2>([1, 3]);
    const sum = await value(diskOffsetLoss({ reduction: 'sum' })(target(), one, predicted()));
    const disk = tensors['target_heatmap']!.data.reduce((a, b) => a + b, 0);
    expect(sum / (4 * loss_h * 3 * 825 + loss_o * disk)).toBeCloseTo(1, 5);
    const auxiliary = tf.slice(predicted(), [0, 0, 0, 0], [1, 33, 25, 3]) as tf.Tensor4D;
    const both = await value(diskOffsetLoss({ offsets: 0 })(target(), one, [auxiliary, predicted()]));
    expect(both / (8 * loss_h)).toBeCloseTo(1, 5);
  });
});

describeEngines('wrong shapes', () => {
  const two = (): tf.Tensor2D => tf.ones([1, 2]);
  const map = (channels: number): tf.Tensor4D => tf.zeros([1, 2, 2, channels]);
  it.each([
    ['maps', () => cpnLoss()([map(2)], two(), [map(2)]), 'Received: 1 maps, 1 targets.'],
    ['shapes', () => cpnLoss({ topK: 1 })([map(2)], two(), [map(2), map(3)]), 'predicted must have the target'],
    ['keypoints', () => cpnLoss({ topK: 3 })([map(2)], two(), [map(2), map(2)]), 'from 1 to 2. Received: 3.'],
    ['channels', () => diskOffsetLoss()(map(5), two(), map(6)), 'target [1,2,2,5], predicted [1,2,2,6].'],
    ['auxiliary', () => diskOffsetLoss()(map(6), two(), [map(6), map(6)]), 'auxiliary heatmaps must be [N, H, W, K]'],
    ['delta', () => diskOffsetLoss({ delta: 0 }), 'delta must be positive, in pixels. Received: 0.'],
    [
      'coordinates',
      () => coordinateRegression()(tf.zeros([1, 2, 2]), two(), tf.zeros([1, 2, 3])),
      'Received: target [1,2,2], weights [1,2].',
    ],
  ])('of %s are refused', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
