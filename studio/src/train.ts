import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown } from 'poseblocks/datasets';
import { keypointSet, type KeypointSet } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { loadPoseModel, poseModel, savePoseModel, type PoseModel } from 'poseblocks/models';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import {
  adam,
  cosine,
  fit,
  jointsMse,
  newHead,
  predictPeople,
  withTargets,
  type CheckpointStore,
} from 'poseblocks/training';
import type { HeatmapStack } from 'poseblocks/visualize';
import { addModel, trained, TRAINED, type Entry } from './catalogue';
import { engine } from './engine';
import { divide, type Division, type Project } from './project';
import { get, put, remove } from './storage';

export interface TrainOptions {
  readonly project: Project;
  /** A model to begin from; from nothing without. */
  readonly from: Entry | undefined;
  readonly epochs: number;
  /** Side of the network's input where it begins from nothing, pixels. */
  readonly inputSide: number;
  readonly signal: AbortSignal;
  /** Go on from where an earlier run was stopped. */
  readonly resume: boolean;
  readonly onStep: (step: { loss: number; step: number; epoch: number }) => void;
  readonly onEpoch: (state: { epoch: number; pck: number; samples: readonly Sample[] }) => Promise<void>;
  /** How many people there are, and where the run begins: not at 0 where it goes on. */
  readonly onStart: (state: { training: number; heldOut: number; step: number; epoch: number }) => void;
}

/** A held-out person as the network sees it at the moment. */
export interface Sample {
  readonly image: ImageData;
  readonly heatmaps: HeatmapStack;
  readonly xy: Float32Array;
}

/** Where a run can be taken up again, after a reload too. */
const store: CheckpointStore = {
  read: async (name) => (await get('project', `checkpoint/${name}`))?.value as Uint8Array | undefined,
  write: async (name, bytes) => void (await put('project', { id: `checkpoint/${name}`, value: bytes })),
};

/** What must be the same for a run to go on. */
interface RunRecord {
  readonly from: string;
  readonly inputSide: number;
  readonly keypoints: string;
}

export async function canGoOn({
  project,
  from,
  inputSide,
}: Pick<TrainOptions, 'project' | 'from' | 'inputSide'>): Promise<boolean> {
  const [kept, last] = await Promise.all([get('project', 'run'), get('project', 'checkpoint/last.safetensors')]);
  return last !== undefined && JSON.stringify(kept?.value) === JSON.stringify(recordOf(project, from, inputSide));
}

const recordOf = (project: Project, from: Entry | undefined, inputSide: number): RunRecord => ({
  from: from?.id ?? '',
  inputSide,
  keypoints: project.plan.names.join(),
});

export const setOf = (project: Project): KeypointSet => keypointSet(project.plan);

/** Trains on the labelled pictures, and keeps the model in the browser after each epoch that was the best so far. */
export async function train(options: TrainOptions): Promise<{ pck: number; entry: Entry }> {
  const { project, from, epochs, inputSide, signal, resume } = options;
  await engine();
  const set = setOf(project);
  const data = await divide(project);
  if (data.training.length < 4 || data.heldOut.length === 0) {
    throw new Error(
      `Label at least 5 pictures: every fifth is held out to measure on. Labelled so far: ${project.labelled}.`,
    );
  }
  const model = from ? await startFrom(from, set) : fromNothing(set, inputSide, scratchSize(data.training.length));
  if (!resume) {
    await Promise.all(['last', 'best'].map((name) => remove('project', `checkpoint/${name}.safetensors`)));
    await put('project', { id: 'run', value: recordOf(project, from, inputSide) });
  }
  const { network, codec, normalization } = model;
  const batchSize = Math.min(8, data.training.length);
  const rate = from ? 1e-3 : 2e-3;
  const heatmapCodec = codec as ReturnType<typeof gaussianCodec>;
  const { readImage } = data;
  const common = { readImage, codec, normalization } as const;
  let entry = resume ? trained() : undefined;
  const keep = async (pck: number): Promise<void> => {
    const provenance = { ...model.provenance, metrics: { 'PCK@0.1 held out': pck } };
    const bytes = await savePoseModel({ ...model, provenance }, { dtype: 'float16' });
    entry = await addModel(project.plan.name, 'safetensors', bytes, TRAINED);
  };
  const optimizer = adam(rate);
  try {
    const { best } = await fit(network, {
      epochs,
      batches: withTargets(
        (epoch, firstBatch) =>
          topDown({
            ...common,
            persons: data.training,
            batchSize,
            seed: 1,
            epoch,
            firstBatch,
            augment: { keypointSet: set, flip: set.flipPairs.length > 0 ? 0.5 : 0, scale: 0.2, rotation: 20 },
          }),
        heatmapCodec,
      ),
      loss: jointsMse,
      optimizer,
      schedule: cosine({ rate, over: epochs, to: 0.02 * rate }),
      signal,
      checkpoint: { store, resume },
      monitor: 'PCK',
      validate: async () => ({ PCK: await heldOutPck(network, data, model) }),
      callbacks: [
        {
          onStart: ({ step, epoch }) =>
            options.onStart({ training: data.training.length, heldOut: data.heldOut.length, step, epoch }),
          onStep: ({ loss, step, epoch }) => options.onStep({ loss, step, epoch }),
          onEpoch: async ({ epoch, metrics, improved }) => {
            const pck = metrics['PCK'] ?? 0;
            if (improved) await keep(pck);
            await options.onEpoch({ epoch, pck, samples: await look(network, data, model) });
          },
        },
      ],
    });
    // Stopped before the end of its first epoch: what there is.
    if (best === undefined || entry === undefined) await keep(0);
    return { pck: best?.value ?? 0, entry: entry! };
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}

/** Few pictures want a small network. */
const scratchSize = (people: number): readonly [number, number, number, number] =>
  people < 200 ? [32, 64, 96, 128] : [64, 128, 256, 512];

function fromNothing(set: KeypointSet, side: number, widths: readonly [number, number, number, number]): PoseModel {
  const network = lpn('lpn-50', {
    inputShape: [side, side, 3],
    keypoints: set.names.length,
    depths: [1, 1, 1, 1],
    widths: [...widths],
    headFilters: [96, 96],
    seed: 1,
  });
  const codec = gaussianCodec({
    inputSize: [side, side],
    heatmapSize: [side / 4, side / 4],
    sigma: 1.5,
    center: 'exact',
    refine: softArgmaxDecoder({ beta: 30, radius: 3 }),
  });
  return poseModel({ network, codec, keypointSet: set, provenance: { recipe: 'poseblocks studio, from nothing' } });
}

/** A trained network with a new head for other keypoints. */
async function startFrom(entry: Entry, set: KeypointSet): Promise<PoseModel> {
  const old = await loadPoseModel(await entry.bytes());
  const { codec } = old;
  if (!('heatmapSize' in codec))
    throw new Error(
      `${entry.name} gives no heatmaps, so it cannot be trained on here. Begin from nothing, or from another model.`,
    );
  const network = newHead(old.network, set.names.length);
  return poseModel({
    network,
    codec,
    keypointSet: set,
    normalization: old.normalization,
    crop: old.crop,
    provenance: { recipe: `poseblocks studio, from ${entry.name}` },
  });
}

async function heldOutPck(
  network: LayersModel,
  { heldOut, readImage }: Division,
  { codec, normalization }: PoseModel,
): Promise<number> {
  const people = await predictPeople(network, {
    codec: codec as never,
    batches: () => topDown({ persons: heldOut, readImage, codec, normalization }),
  });
  const normalizer = longerSides(people.map(({ sample }) => sample.box));
  return pck(
    people.map(({ keypoints }) => keypoints),
    people.map(({ sample }) => sample.keypoints),
    { normalizer, threshold: 0.1 },
  ).mean;
}

/** The first held-out people, with their heatmaps. */
async function look(
  network: LayersModel,
  { heldOut, readImage }: Division,
  { codec, normalization }: PoseModel,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const { images } of topDown({ persons: heldOut.slice(0, 4), readImage, codec, normalization })) {
    const output = tf.tidy(() => [network.predict(images)].flat().at(-1) as tf.Tensor4D);
    const found = await codec.decodeBatch(output);
    const [maps, pixels] = await Promise.all([
      output.data() as Promise<Float32Array>,
      images.data() as Promise<Float32Array>,
    ]);
    const [, height, width] = images.shape;
    const shape = output.shape.slice(1) as [number, number, number];
    const [length, size] = [shape[0] * shape[1] * shape[2], 3 * height * width];
    found.forEach(({ xy }, n) => {
      const image = new ImageData(width, height);
      const first = normalization.channels === 'rgb' ? 0 : 2;
      for (let i = 0; i < height * width; i++) {
        for (let c = 0; c < 3; c++) {
          const value = pixels[n * size + 3 * i + c]! * normalization.std[c]! + normalization.mean[c]!;
          image.data[4 * i + Math.abs(first - c)] = 255 * value;
        }
        image.data[4 * i + 3] = 255;
      }
      samples.push({ image, heatmaps: { data: maps.slice(n * length, (n + 1) * length), shape }, xy });
    });
    tf.dispose([images, output]);
  }
  return samples;
}
