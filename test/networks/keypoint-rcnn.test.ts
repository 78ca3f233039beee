import * as tf from '@tensorflow/tfjs-core';
import { model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { registerLayers, roiAlign } from 'poseblocks/heads';
import { compile } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, stateDict } from 'poseblocks/interop';
import {
  countMacs,
  countMacsOfPaper,
  countParams,
  countRunningStatistics,
  countTrainableParams,
} from 'poseblocks/metrics';
import { keypointRcnn, keypointRcnnFeatures, keypointRcnnHead } from 'poseblocks/networks';
import { adam, oneHotKeypointLoss, trainableVariables } from 'poseblocks/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { readJson } from '../support/fixtures';
import { noise, outputsOf, reload } from '../support/network';
import { keysOf, loadProcedural, proceduralInput, quotedProceduralNetworks } from '../support/procedural';
import { expectOutputs } from '../support/procedural-output';

const initialization = 'none';
interface Row {
  id: string;
  params: number;
  params_frozen_bn: number;
  parts: Record<string, number>;
  macs_by_input: Record<string, { backbone_fpn: number }>;
  macs_keypoint_head_per_roi: number;
  macs_keypoint_head_per_roi_hrnet_convention: number;
  macs_head_per_roi: number;
  head_params: number;
}
const rows = readJson<{ networks: Row[] }>('quoted/quoted_networks.json').networks;
const detector = rows.find(({ id }) => id === '003-keypoint-rcnn-r50fpn')!;
const branch = rows.find(({ id }) => id === '003-keypoint-rcnn-branch')!;

describe('the counts of torchvision', () => {
  beforeAll(() => useEngine('cpu'));
  const paramsBelow = (network: LayersModel, prefix: string, trainable = false): number =>
    network.layers
      .filter(({ name }) => name.startsWith(`${prefix}.`))
      .flatMap((layer) =>
        trainable ? layer.trainableWeights : layer.weights.filter(({ name }) => !name.includes('moving_')),
      )
      .reduce((sum, { shape }) => sum + shape.reduce<number>((a, b) => a * b!, 1), 0);

  it('the branch, its parts as both rows have them, with normalisations frozen and not', () => {
    const network = keypointRcnn('resnet-50', { inputShape: [256, 256, 3], boxes: 1, initialization });
    expect(countTrainableParams(network)).toBe(branch.params);
    expect(countParams(network)).toBe(branch.params + 53_120);
    expect(countRunningStatistics(network)).toBe(53_120);
    const parts = {
      'backbone.body': paramsBelow(network, 'backbone.body', true),
      'backbone.fpn': paramsBelow(network, 'backbone.fpn'),
      keypoint_head: paramsBelow(network, 'roi_heads.keypoint_head'),
      keypoint_predictor: paramsBelow(network, 'roi_heads.keypoint_predictor'),
    };
    expect(parts).toEqual(branch.parts);
    expect(detector.parts).toMatchObject(parts);
    // What is out of scope makes up the rest of the detector.
    const { rpn, box_head, box_predictor } = detector.parts;
    expect(branch.params + rpn! + box_head! + box_predictor!).toBe(detector.params_frozen_bn);
    expect(detector.params - detector.params_frozen_bn).toBe(53_120);
    expect(countMacs(network)).toBe(detector.macs_by_input['256x256']!.backbone_fpn + branch.macs_head_per_roi);
    network.dispose();
  });

  it.each(Object.entries(detector.macs_by_input))('backbone and pyramid at %s', (size, { backbone_fpn }) => {
    const [height, width] = size.split('x').map(Number) as [number, number];
    const network = keypointRcnnFeatures('resnet-50', { inputShape: [height, width, 3], initialization });
    expect(countMacs(network)).toBe(backbone_fpn);
    network.dispose();
  });

  it('the head, of one person', () => {
    const network = keypointRcnnHead({ initialization });
    expect(countParams(network)).toBe(branch.head_params);
    expect(countMacs(network)).toBe(detector.macs_keypoint_head_per_roi);
    expect(countMacsOfPaper(network)).toBe(detector.macs_keypoint_head_per_roi_hrnet_convention);
    network.dispose();
  });
});

describe('keypointRcnn', () => {
  beforeAll(async () => {
    registerLayers();
    await useEngine('wasm');
  });
  const tiny = { inputShape: [64, 96, 3], keypoints: 3, filters: 16, headFilters: [8, 8] } as const;
  const boxes = (): tf.Tensor3D =>
    tf.tensor3d([
      [[4, 8, 60, 50], [0, 0, 95, 63]],
      [[10.5, 3.2, 30, 61], [70, 20, 120, 90]],
    ]); // prettier-ignore

  it('has the state dict of torchvision, and its outputs', { timeout: 300_000 }, async () => {
    const name = 'keypoint_rcnn_branch_256x256';
    const expected = quotedProceduralNetworks()[name]!;
    const network = keypointRcnn('resnet-50', { inputShape: [256, 256, 3], initialization });
    const keys = keysOf(name, 'quoted/keys');
    const own = Object.entries(await stateDict(network)).map(([key, { shape }]) => [key, shape]);
    expect(own.sort()).toEqual([...keys].sort());
    loadProcedural(network, keys);
    const of = (layer: string): SymbolicTensor => network.getLayer(layer).output as SymbolicTensor;
    const features = keypointRcnnFeatures('resnet-50', { inputShape: [256, 256, 3], initialization });
    loadProcedural(
      features,
      keys.filter(([key]) => key.startsWith('backbone')),
    );
    const inside = model({ inputs: network.inputs, outputs: [of('keypoint_roi_pool'), network.outputs[0]!] });
    const x = tf.tensor4d(proceduralInput(expected.input_shape), [1, 256, 256, 3]);
    const rois = tf.tensor3d([[[20, 30, 100, 220], [60.5, 10.25, 90.75, 70.5], [0, 0, 255, 255]]]); // prettier-ignore
    const outputs = [...outputsOf(features, x), ...outputsOf(inside, [x, rois])];
    await expectOutputs(outputs, expected.outputs);
    tf.dispose([x, rois, ...outputs]);
    features.dispose();
    network.dispose();
  });

  it('takes a training step on every weight but the frozen ones, saves, loads and leaks nothing', async () => {
    const start = tf.memory().numTensors;
    const network = keypointRcnn('resnet-18', { ...tiny, seed: 2 });
    const [x, rois] = [noise([2, 64, 96, 3]), boxes()];
    const frozen = network.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
    const before = await Promise.all(frozen.flatMap((layer) => layer.getWeights()).map((weight) => weight.data()));
    const target = tf.tensor2d([5, 100, 3135, 0, 7, 56, 8, 9, 10, 11, 12, 13], [4, 3], 'int32');
    const weights = tf.tensor2d([1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1], [4, 3]);
    const loss = (): tf.Scalar =>
      oneHotKeypointLoss(target, weights, network.apply([x, rois], { training: true }) as tf.Tensor4D);
    const optimizer = adam(1e-3);
    const variables = trainableVariables(network);
    const { value, grads } = tf.variableGrads(loss, variables);
    for (const variable of variables) {
      const largest = tf.tidy(() => tf.max(tf.abs(grads[variable.name]!)));
      // Boxes as small as these are all read from P2.
      const unread = /layer_blocks\.[123]\./.test(variable.name);
      if (unread) expect((await largest.data())[0], variable.name).toBe(0);
      else expect((await largest.data())[0], variable.name).toBeGreaterThan(0);
      largest.dispose();
    }
    const losses = [(await value.data())[0]!];
    for (let i = 0; i < 5; i++) {
      const cost = optimizer.minimize(loss, true, variables)!;
      losses.push((await cost.data())[0]!);
      cost.dispose();
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 4);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const after = await Promise.all(frozen.flatMap((layer) => layer.getWeights()).map((weight) => weight.data()));
    expect(after).toEqual(before);

    const loaded = await reload(network);
    const [[a], [b]] = [outputsOf(network, [x, rois]), outputsOf(loaded, [x, rois])];
    expect(a!.shape).toEqual([4, 56, 56, 3]);
    expect(await b!.data()).toEqual(await a!.data());
    tf.dispose([x, rois, target, weights, value, grads, a!, b!]);
    optimizer.dispose();
    loaded.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('compiles and exports by halves, and says what of the whole cannot', { timeout: 120_000 }, async () => {
    const network = keypointRcnn('resnet-18', { ...tiny, boxes: 2, seed: 1 });
    const [features, head] = [keypointRcnnFeatures('resnet-18', tiny), keypointRcnnHead(tiny)];
    const weights = await stateDict(network);
    for (const half of [features, head]) expect(loadStateDict(half, weights, { strict: false }).missing).toEqual([]);
    const [x, rois] = [noise([2, 64, 96, 3]) as tf.Tensor4D, boxes()];
    const [wanted] = outputsOf(network, [x, rois]);
    const [pyramid, predict] = [await compile(features), await compile(head)];
    const maps = pyramid(x) as tf.Tensor4D[];
    const flat = tf.reshape(rois, [4, 4]) as tf.Tensor2D;
    const images = tf.tensor1d([0, 0, 1, 1], 'int32');
    const read = roiAlign(maps.slice(0, 4), flat, images, { size: [14, 14], strides: [4, 8, 16, 32] });
    const logits = predict(read) as tf.Tensor4D;
    expectClose(await logits.data(), await wanted!.data(), 1e-4, 'compiled');

    const session = await InferenceSession.create(await exportOnnx(head));
    const { [session.outputNames[0]!]: onnx } = await session.run({
      image: new Tensor('float32', (await read.data()) as Float32Array, read.shape),
    });
    expectClose(onnx!.data as Float32Array, await wanted!.data(), 1e-4, 'ONNX');
    await session.release();
    await expect(compile(network)).rejects.toThrow(
      'keypoint_roi_pool: layers of class PoseBlocks>RoiAlign cannot be converted.',
    );
    tf.dispose([x, rois, wanted!, maps, flat, images, read, logits]);
    for (const each of [pyramid, predict, network, features, head]) each.dispose();
  });

  it.each([
    [() => keypointRcnn('resnet-50', { inputShape: [250, 256, 3] }), 'keypoint-rcnn: height and width must be divisible by 32. Received: inputShape=[250, 256, 3]. The nearest that work are [256, 256].'],
    [() => keypointRcnn('resnet-51' as 'resnet-50'), 'keypointRcnn: variant must be one of resnet-18, resnet-34, resnet-50, resnet-101, resnet-152. Received: resnet-51.'],
    [() => keypointRcnnHead({ keypoints: 0 }), 'keypointRoiHead: keypoints must be a positive integer. Received: 0.'],
  ])('refuses %#', (build, message) => expect(build).toThrow(new RangeError(message))); // prettier-ignore
});
