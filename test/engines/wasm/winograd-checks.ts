import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { sharing } from '../../../src/engines/wasm/simd/simd-module';
import { winograd, type WinogradForm } from '../../../src/engines/wasm/simd/winograd';
import * as reference from '../../support/reference-kernels';
import { randomSource, runKernel, type Checks, type Values } from './kernel-bench';

type Pad = 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];
const FORMS: readonly WinogradForm[] = [2, 4];
const PADS: readonly Pad[] = [
  'same',
  'valid',
  [
    [0, 0],
    [1, 0],
    [0, 2],
    [0, 0],
  ],
];

interface Drawn {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly attrs: object;
  readonly x: Values;
  readonly filter: Values;
  readonly dy: Values;
}

function draw(shape: number[], outChannels: number, pad: Pad, side = 3, seed = 5): Drawn {
  const random = randomSource(seed);
  const filterShape = [side, side, shape[3]!, outChannels];
  const four = (sizes: number[]) => sizes as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(four(shape), four(filterShape), 1, 1, pad, 'floor', false);
  const attrs = { strides: [1, 1], pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  return { info, attrs, x: random(shape), filter: random(filterShape), dy: random(info.outShape) };
}

/** Runs with a form on every convolution that it covers, or with none where it is undefined. */
async function withForm<T>(form: WinogradForm | undefined, run: () => Promise<T>): Promise<T> {
  const before = { ...winograd };
  winograd.choice = form !== undefined;
  if (form) winograd.forced = form;
  try {
    return await run();
  } finally {
    delete winograd.forced;
    Object.assign(winograd, before);
  }
}

const forward = async ({ x, filter, attrs }: Drawn): Promise<Float32Array> =>
  (await runKernel('Conv2D', { x, filter }, { ...attrs, dilations: [1, 1] }))[0]!.data;
const ofFilter = async ({ x, dy, filter, attrs }: Drawn): Promise<Float32Array> =>
  (await runKernel('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }))[0]!.data;
const ofInput = async ({ x, dy, filter, attrs }: Drawn): Promise<Float32Array> =>
  (await runKernel('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }))[0]!.data;

/** Forward with bias and activation, and both gradients, in both forms, over sizes, paddings and channels, some of which no form covers. */
export async function checkWinograd(checks: Checks): Promise<void> {
  const random = randomSource(6);
  const sizes = [
    [12, 9],
    [5, 16],
    [3, 3],
    [17, 4],
  ] as const;
  const channels = [
    [8, 8],
    [4, 24],
    [20, 16],
    [16, 13],
  ] as const;
  for (const form of FORMS) {
    for (const pad of PADS) {
      for (const [height, width] of sizes) {
        for (const [inputs, outputs] of channels) {
          const drawn = draw([2, height, width, inputs], outputs, pad);
          const { info, attrs, x, filter, dy } = drawn;
          const bias = random([outputs]);
          const label = JSON.stringify({ form, pad, height, width, inputs, outputs });
          const plain = reference.conv2d(x.data, filter.data, info);
          const relu = Float64Array.from(plain, (value, i) => Math.max(0, value + bias.data[i % outputs]!));
          const fused = { ...attrs, dilations: [1, 1], activation: 'relu' };
          await withForm(form, async () => {
            await checks.kernel(`forward ${label}`, ['FusedConv2D', { x, filter, bias }, fused], relu, info.outShape);
            const wanted = reference.conv2dBackpropFilter(x.data, dy.data, info);
            checks.equal(
              `filter gradient ${label}`,
              { shape: filter.shape, data: await ofFilter(drawn) },
              wanted,
              filter.shape,
            );
            const gradient = reference.conv2dBackpropInput(dy.data, filter.data, info);
            checks.equal(`input gradient ${label}`, { shape: x.shape, data: await ofInput(drawn) }, gradient, x.shape);
          });
        }
      }
    }
  }
}

/** Deep convolutions, whose sums are the longest: what `useEngine` says of the forms' rounding. */
export async function checkWinogradRounding(): Promise<void> {
  const drawn = draw([1, 12, 8, 256], 32, 'same');
  const { x, filter, dy, info } = drawn;
  const wanted = reference.conv2d(x.data, filter.data, info);
  const bounds = { 2: 5e-6, 4: 2e-5 };
  for (const form of FORMS) {
    const found = await withForm(form, () => forward(drawn));
    expect(reference.worstOfDeviation(found, wanted), `form ${form}`).toBeLessThan(bounds[form]);
  }
  const direct = await withForm(undefined, () => forward(drawn));
  expect(reference.worstOfDeviation(direct, wanted)).toBeLessThan(5e-6);
  const gradient = reference.conv2dBackpropFilter(x.data, dy.data, info);
  expect(reference.worstOfDeviation(await withForm(4, () => ofFilter(drawn)), gradient)).toBeLessThan(1e-5);
}

/** Forward and both gradients on one thread and on all, bit for bit: of small maps, and of some that threads share in pieces. */
export async function checkThreads(): Promise<void> {
  const small = draw([2, 13, 22, 16], 24, 'same');
  const large = draw([3, 41, 40, 8], 16, 'same');
  const pointwise = draw([3, 41, 40, 12], 16, 'same', 1);
  const all = [small, large].flatMap((drawn) => [undefined, ...FORMS].map((form) => ({ drawn, form })));
  for (const { drawn, form } of [...all, { drawn: pointwise, form: undefined }]) {
    const run = (): Promise<Float32Array[]> =>
      withForm(form, async () => [await forward(drawn), await ofInput(drawn), await ofFilter(drawn)]);
    const shared = await run();
    const least = sharing.leastWork;
    sharing.leastWork = Infinity;
    const alone = await run().finally(() => (sharing.leastWork = least));
    expect(shared).toEqual(alone);
  }
}
