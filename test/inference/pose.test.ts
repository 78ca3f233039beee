import * as tf from '@tensorflow/tfjs-core';
import { layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cropImage, NORMALIZATIONS, syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { compilePose, createEstimator } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, stateDict } from 'poseblocks/interop';
import { COCO, type Keypoints } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { boxToCrop } from 'poseblocks/geometry';
import {
  argmax,
  dark,
  darkUdp,
  flipAverage,
  quarterOffset,
  softArgmaxDecoder,
  type Decoder,
} from 'poseblocks/postprocess';
import { gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../support/network';
import { proceduralWeight } from '../support/procedural';

const sizes = { inputSize: [48, 64], heatmapSize: [12, 16] } as const;
/** By name, the decoder, and pixels that graphs may be off on noise; on heatmaps, see below. */
const DECODERS: readonly [string, Decoder, number][] = [
  ['DARK as UDP has it', darkUdp, 0.05], // on noise its matrix may be next to singular
  ['argmax', argmax, 2e-3],
  ['quarter offset', quarterOffset, 2e-3],
  ['soft-argmax', softArgmaxDecoder({ beta: 20 }), 2e-3],
  ['soft-argmax with a quarter offset', softArgmaxDecoder({ beta: 20, quarterOffset: true }), 2e-3],
];

let network: LayersModel;
beforeAll(async () => {
  await useEngine('wasm');
  network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], initialization: 'none' });
  const own = await stateDict(network);
  loadStateDict(
    network,
    Object.fromEntries(Object.entries(own).map(([key, { shape }]) => [key, proceduralWeight(key, shape)])),
  );
});
afterAll(() => network.dispose());

function expectPeople(actual: readonly Keypoints[], expected: readonly Keypoints[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ xy, score }, n) => {
    xy.forEach((value, i) =>
      expect(Math.abs(value - expected[n]!.xy[i]!), `person ${n}, number ${i}`).toBeLessThan(tolerance),
    );
    score.forEach((value, k) => expect(Math.abs(value - expected[n]!.score[k]!), `score ${k}`).toBeLessThan(1e-3));
  });
}

const codecOf = (refine: Decoder, align: 'edges' | 'centers' = 'edges'): HeatmapCodec =>
  gaussianCodec({ ...sizes, refine, align });

/** What the network's layers, flipAverage and the codec on arrays give. */
async function onArrays(crops: tf.Tensor4D, codec: HeatmapCodec, flip: boolean): Promise<Keypoints<'input'>[]> {
  const heatmaps = tf.tidy(() => {
    const plain = network.predict(crops) as tf.Tensor4D;
    return flip
      ? flipAverage(plain, network.predict(tf.reverse(crops, 2)) as tf.Tensor4D, COCO, {
          shift: codec.align === 'edges',
        })
      : plain;
  });
  const people = await codec.decodeBatch(heatmaps);
  heatmaps.dispose();
  return people;
}

describe.each(DECODERS)('%s', (_, decoder, within) => {
  it.each([
    ['edges', false],
    ['centers', true],
  ] as const)(
    'behind a compiled network equals the decoder on arrays, aligned to %s, flip test %s',
    async (align, flip) => {
      const codec = codecOf(decoder, align);
      const crops = noise([3, 64, 48, 3]) as tf.Tensor4D;
      const expected = await onArrays(crops, codec, flip);
      const estimate = await compilePose(network, {
        codec,
        ...(flip && { flipTest: { keypointSet: COCO } }),
      });
      const before = tf.memory().numTensors;
      expectPeople(await estimate(crops), expected, within);
      expect(tf.memory().numTensors).toBe(before);
      estimate.dispose();
      crops.dispose();
    },
  );

  it.each([17, 18, 21])('in an ONNX graph of opset %i equals the decoder on arrays', async (opset) => {
    const codec = codecOf(decoder);
    const pixels = tf.tidy(() => tf.round(tf.randomUniform([2, 64, 48, 3], 0, 255, 'float32', 3))) as tf.Tensor4D;
    const { mean, std } = NORMALIZATIONS['imagenet-bgr'];
    const crops = tf.tidy(() => tf.div(tf.sub(tf.div(tf.reverse(pixels, 3), 255), mean), std)) as tf.Tensor4D;
    const expected = await onArrays(crops, codec, false);
    const bytes = await exportOnnx(network, { opset, decode: codec, normalize: NORMALIZATIONS['imagenet-bgr'] });
    const session = await InferenceSession.create(bytes);
    const { keypoints } = await session.run({
      image: new Tensor('float32', (await pixels.data()) as Float32Array, pixels.shape),
    });
    const values = keypoints!.data as Float32Array;
    expect(keypoints!.dims).toEqual([2, 17, 3]);
    const person = (n: number): Keypoints => ({
      frame: 'input',
      xy: Float32Array.from({ length: 34 }, (_, i) => values[51 * n + 3 * Math.floor(i / 2) + (i % 2)]!),
      score: Float32Array.from({ length: 17 }, (_, k) => values[51 * n + 3 * k + 2]!),
    });
    expectPeople([person(0), person(1)], expected, Math.max(within, 5e-3));
    await session.release();
    tf.dispose([pixels, crops]);
  });
});

it.each(DECODERS)('%s finds peaks whose neighbours lie before the first map or behind the last', async (_, decoder) => {
  const x = layers.input({ shape: [16, 12, 3] }) as SymbolicTensor;
  const pass = layers.conv2d({ filters: 3, kernelSize: 1, useBias: false });
  const network = model({ inputs: x, outputs: pass.apply(x) as SymbolicTensor });
  pass.setWeights([tf.tensor4d([1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 1, 3, 3])]); // its image is its heatmaps
  const codec = codecOf(decoder);
  const maps = new Float32Array(16 * 12 * 3);
  maps[3 * (15 * 12 + 11) + 2] = maps[3 * (7 * 12 + 5) + 1] = 1; // the last cell; the first map has no peak
  const crops = tf.tensor4d(maps, [1, 16, 12, 3]);
  const estimate = await compilePose(network, { codec });
  const [found] = await estimate(crops);
  const [expected] = await codec.decodeBatch(crops);
  expect([...found!.xy.slice(2)]).toEqual([...expected!.xy.slice(2)].map((v) => expect.closeTo(v, 3) as number));
  estimate.dispose();
  network.dispose();
  crops.dispose();
});

it.each([
  ['DARK', dark],
  ['soft-argmax with a radius', softArgmaxDecoder({ beta: 20, radius: 3 })],
])('decodes %s, which works on arrays only, behind the network', async (_, decoder) => {
  const codec = codecOf(decoder);
  const crops = noise([2, 64, 48, 3]) as tf.Tensor4D;
  const expected = await onArrays(crops, codec, false);
  const estimate = await compilePose(network, { codec });
  const before = tf.memory().numTensors;
  expectPeople(await estimate(crops), expected, 2e-2);
  expect(tf.memory().numTensors).toBe(before);
  estimate.dispose();
  crops.dispose();
});

it('refines Gaussian peaks by DARK as UDP has it in the graph as on arrays, at the border too', async () => {
  const x = layers.input({ shape: [16, 12, 3] }) as SymbolicTensor;
  const pass = layers.conv2d({ filters: 3, kernelSize: 1, useBias: false });
  const itself = model({ inputs: x, outputs: pass.apply(x) as SymbolicTensor });
  pass.setWeights([tf.tensor4d([1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 1, 3, 3])]); // its image is its heatmaps
  const codec = codecOf(darkUdp, 'centers');
  const centers = [[5.3, 7.6], [0.2, 9.4], [10.8, 15]] as const; // prettier-ignore
  const maps = Float32Array.from({ length: 16 * 12 * 3 }, (_, i) => {
    const [cx, cy] = centers[i % 3]!;
    const [column, row] = [Math.floor(i / 3) % 12, Math.floor(i / 36)];
    return Math.exp(-((column - cx) ** 2 + (row - cy) ** 2) / 8);
  });
  const crops = tf.tensor4d(maps, [1, 16, 12, 3]);
  const expected = await codec.decodeBatch(crops);
  const estimate = await compilePose(itself, { codec });
  expectPeople(await estimate(crops), expected, 1e-4);
  const session = await InferenceSession.create(await exportOnnx(itself, { decode: codec }));
  const { keypoints } = await session.run({ [session.inputNames[0]!]: new Tensor('float32', maps, [1, 16, 12, 3]) });
  const values = keypoints!.data as Float32Array;
  centers.forEach((_, k) => {
    expect(Math.abs(values[3 * k]! - expected[0]!.xy[2 * k]!)).toBeLessThan(1e-4);
    expect(Math.abs(values[3 * k + 1]! - expected[0]!.xy[2 * k + 1]!)).toBeLessThan(1e-4);
  });
  await session.release();
  estimate.dispose();
  itself.dispose();
  crops.dispose();
});

describe('createEstimator', () => {
  const { persons, readImage } = syntheticPeople({ seed: 4, count: 5 });
  const person = persons[0]!;
  const image = readImage(person);
  const boxes = persons.filter(({ imageId }) => imageId === person.imageId).map(({ box }) => box);
  const codec = codecOf(softArgmaxDecoder({ beta: 20 }), 'centers');
  const options = { codec, flipTest: { keypointSet: COCO }, batchSize: 2 };

  it('gives the same people compiled and as ONNX, and as step by step', async () => {
    const compiled = await createEstimator(network, options);
    const onnx = await createEstimator({ onnx: await exportOnnx(network), runtime: 'node' }, options);
    const crop = boxToCrop(boxes[0]!, codec.inputSize);
    const crops = tf.tensor4d(cropImage(image, crop), [1, 64, 48, 3]);
    const heatmaps = tf.tidy(() =>
      flipAverage(network.predict(crops) as tf.Tensor4D, network.predict(tf.reverse(crops, 2)) as tf.Tensor4D, COCO),
    );
    const [byHand] = await codec.decodeBatch(heatmaps);

    const people = await compiled.estimate(image, boxes);
    expect(people.length).toBe(boxes.length);
    expectPeople(people.slice(0, 1), [crop.toImage(byHand!)], 2e-2);
    expectPeople(await onnx.estimate(image, boxes), people, 2e-2);
    await compiled.dispose();
    await onnx.dispose();
    tf.dispose([crops, heatmaps]);
  });

  it('takes raw pixels, sharp’s buffers, canvases and tensors alike', async () => {
    const estimator = await createEstimator(network, { codec });
    const { width, height, data } = image;
    const rgba = new Uint8ClampedArray(4 * width * height).map((_, i) =>
      i % 4 === 3 ? 255 : data[3 * (i >> 2) + (i % 4)]!,
    );
    const tensor = tf.tensor3d(Array.from(data), [height, width, 3]);
    const sources = [
      { width, height, data: rgba },
      { data, info: { width, height } },
      { width, height, getContext: () => ({ getImageData: () => ({ width, height, data: rgba }) }) },
      tensor,
    ];
    const expected = await estimator.estimate(image, boxes);
    for (const source of sources) expect(await estimator.estimate(source, boxes)).toEqual(expected);
    tensor.dispose();
    await estimator.dispose();
  });

  it('refuses a box outside the image, and bytes that are no ONNX file', async () => {
    const estimator = await createEstimator(network, { codec });
    await expect(estimator.estimate(image, [[5000, 0, 10, 10]])).rejects.toThrow(
      `createEstimator: box 0 must be [x, y, width, height] that overlaps the image. Received: [5000, 0, 10, 10] in ${image.width}×${image.height}.`,
    );
    await estimator.dispose();
    await expect(createEstimator({ onnx: new Uint8Array(64), runtime: 'node' }, { codec })).rejects.toThrow(
      'onnx must be a complete ONNX file',
    );
  });
});
