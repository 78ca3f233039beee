import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown, writeCoco, type Batch, type CocoFile, type TopDownOptions } from '../../datasets';
import type { KeypointSet, Size } from '../../keypoints';
import { meanPose } from '../../metrics';
import { cropOf, poseModel, type PoseModel } from '../../models';
import type { Codec } from '../../targets';
import {
  adam,
  cosine,
  disposeBatch,
  fit,
  poseMetrics,
  quietOutputs,
  validatePoses,
  withTargets,
  type Callback,
  type TrainingBatch,
} from '../../training';
import type { NamedNetwork } from './named-network';

/** People and a reader of their images. */
type People = Pick<TopDownOptions, 'persons' | 'readImage'>;

/** People to train on and people to evaluate on. */
export interface ComparisonData {
  readonly training: People;
  readonly heldOut: People;
  readonly keypointSet: KeypointSet;
}

export interface BriefOptions {
  readonly steps: number;
  readonly seed: number;
  readonly inputSize: Size;
  readonly batchSize?: number;
  readonly rate?: number | 'probe';
  readonly flipTest?: boolean;
  readonly signal?: AbortSignal;
}

/** The rates that `rate: 'probe'` tries. */
const RATES = [3e-4, 1e-3, 3e-3] as const;

/** Accuracy of the held-out people. */
export interface MeasuredAccuracy {
  /** PCK at 0.2 of the longer side of the box. */
  readonly PCK: number;
  /** COCO's AP with given boxes. */
  readonly AP: number;
}

// Ids from 1: pycocotools treats id 0 as unmatched.
const truthOf = ({ heldOut, keypointSet }: ComparisonData): CocoFile =>
  writeCoco({ persons: heldOut.persons.map((person, i) => ({ ...person, id: i + 1 })), keypointSet });

/**
 * The accuracy of the training people's mean pose within the box of each held-out person: what networks must exceed to have learned anything from the pictures.
 *
 * @throws RangeError when there are no training people.
 * @example const { PCK } = meanPoseAccuracy(data);
 */
export function meanPoseAccuracy(data: ComparisonData): MeasuredAccuracy {
  const { training, heldOut, keypointSet } = data;
  const pose = meanPose(training.persons);
  const people = heldOut.persons.map((sample) => ({ sample, keypoints: pose(sample.box) }));
  const { PCK, AP } = poseMetrics(people, { annotations: truthOf(data), keypointSet });
  return { PCK, AP };
}

export async function measuredAccuracy(
  model: PoseModel,
  data: ComparisonData,
  { flipTest = false, batchSize = 8 }: { readonly flipTest?: boolean; readonly batchSize?: number },
): Promise<MeasuredAccuracy> {
  const { heldOut, keypointSet } = data;
  const { codec, normalization, crop } = model;
  const cut = { normalization, crop: ({ box, imageSize }: (typeof heldOut.persons)[number], size: Size) => cropOf(crop, box, imageSize ?? [0, 0], size) }; // prettier-ignore
  const { PCK, AP } = await validatePoses({
    batches: () => topDown({ ...heldOut, ...cut, codec, batchSize }),
    codec,
    annotations: truthOf(data),
    keypointSet,
    ...(flipTest && { flip: keypointSet }),
  })(model.network);
  return { PCK, AP };
}

/**
 * Trains a network for a number of steps with Adam and a cosine schedule to 0, and evaluates it. The outputs are first scaled to a hundredth of the targets' root mean square, so that
 * every network starts near the loss of an empty map.
 */
export async function trainedBriefly(
  named: NamedNetwork,
  build: (seed: number) => LayersModel,
  data: ComparisonData,
  options: BriefOptions,
): Promise<{ accuracy: MeasuredAccuracy; training: { start: number; rate: number; loss: number } }> {
  const { steps, seed, inputSize, batchSize = 8, rate: asked = 'probe', flipTest = false } = options;
  const probe = build(seed);
  const codec = named.codec(probe, inputSize);
  probe.dispose();
  if (codec === undefined) {
    throw new RangeError(
      `compareNetworks: networks to train must output heatmaps, or be recipes. Received: ${named.name}. Leave out the steps, or name a recipe.`,
    );
  }
  const once = async (rate: number, count: number): Promise<{ network: LayersModel; start: number; loss: number }> => {
    const network = build(seed);
    try {
      const empty = await quieted(network, named, codec, data, { seed, batchSize });
      const losses = await run(network, named, codec, data, { rate, count, steps, seed, batchSize, ...(options.signal && { signal: options.signal }) }); // prettier-ignore
      const last = losses.slice(-Math.max(1, Math.ceil(count / 10)));
      return { network, start: losses[0]! / empty, loss: last.reduce((sum, value) => sum + value, 0) / last.length };
    } catch (error) {
      network.dispose();
      throw error;
    }
  };
  let rate = asked === 'probe' ? RATES[1] : asked;
  if (asked === 'probe') {
    let best = Infinity;
    for (const each of RATES) {
      const { network, loss } = await once(each, Math.max(1, Math.round(steps / 10)));
      network.dispose();
      if (loss < best) [best, rate] = [loss, each];
    }
  }
  const { network, start, loss } = await once(rate, steps);
  try {
    const model = poseModel({ network, codec, keypointSet: data.keypointSet });
    return { accuracy: await measuredAccuracy(model, data, { flipTest, batchSize }), training: { start, rate, loss } };
  } finally {
    network.dispose();
  }
}

type Step = { readonly seed: number; readonly batchSize: number };

/** The people of each step, in an order that depends only on the seed. */
async function* forSteps(
  { training }: ComparisonData,
  codec: Codec<unknown, unknown>,
  { seed, batchSize }: Step,
  count: number,
): AsyncGenerator<Batch> {
  for (let epoch = 0, step = 0; step < count; epoch++) {
    const before = step;
    for await (const batch of topDown({ ...training, codec, seed, epoch, batchSize })) {
      if (step++ < count) yield batch;
      else {
        disposeBatch(batch);
        return;
      }
    }
    if (step === before) throw new RangeError('compareNetworks: there must be people whose images can be read. Received: none.'); // prettier-ignore
  }
}

/** Scales the outputs down, and returns the loss of an empty map. */
async function quieted(
  network: LayersModel,
  { loss }: NamedNetwork,
  codec: Codec<unknown, unknown>,
  data: ComparisonData,
  step: Step,
): Promise<number> {
  const batches = withTargets(() => forSteps(data, codec, step, 1), codec) as (epoch: number, first: number) => AsyncIterable<TrainingBatch<unknown>>; // prettier-ignore
  for await (const batch of batches(0, 0)) {
    try {
      const [target] = [batch.target].flat() as tf.Tensor[];
      const strength = tf.tidy(() => tf.sqrt(tf.mean(tf.square(target!))));
      const [level] = await strength.data();
      strength.dispose();
      await quietOutputs(network, batch.images, { level: 0.01 * level! });
      const empty = tf.tidy(() => {
        const outputs = network.predict(batch.images);
        const zeros = Array.isArray(outputs) ? outputs.map((output) => tf.zerosLike(output)) : tf.zerosLike(outputs);
        return loss(batch.target, batch.weights, zeros);
      });
      const [value] = await empty.data();
      empty.dispose();
      return value!;
    } finally {
      disposeBatch(batch);
    }
  }
  return NaN;
}

async function run(
  network: LayersModel,
  { loss }: NamedNetwork,
  codec: Codec<unknown, unknown>,
  data: ComparisonData,
  { rate, count, steps, signal, ...step }: Step & { readonly rate: number; readonly count: number; readonly steps: number; readonly signal?: AbortSignal }, // prettier-ignore
): Promise<number[]> {
  const losses: number[] = [];
  const keep: Callback = { onStep: ({ loss: value }) => void losses.push(value) };
  const optimizer = adam(rate);
  try {
    await fit(network, {
      epochs: 1,
      batches: withTargets(() => forSteps(data, codec, step, count), codec),
      loss,
      optimizer,
      schedule: cosine({ rate, over: steps }),
      scheduleBy: 'step',
      callbacks: [keep],
      ...(signal && { signal }),
    });
  } finally {
    optimizer.dispose();
  }
  return losses;
}
