import { cp, mkdir, readdir, rename, stat, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Person } from '../../datasets';
import { exportKeras } from '../../interop';
import type { Size } from '../../keypoints';
import { poseModel, savePoseModel } from '../../models';
import { kerasFrozen } from '../keras-frozen';
import { kerasGroups } from '../keras-groups';
import { settingsOf, type HandoverModel, type HandoverSettings, type HandoverTraining } from '../settings';
import { beside } from './beside';
import type { Unreadable } from './shard-job';
import { writeShards } from './write-shards';

/** People and the folder of their photographs. */
export interface HandoverPart {
  readonly persons: readonly Person[];
  readonly images: string;
}

/** The size of a hand-over, known before it is written. */
export interface HandoverPlan {
  readonly persons: number;
  /** [width, height] of the stored crops. */
  readonly size: Size;
  readonly bytesPerPerson: number;
  readonly bytes: number;
  readonly shards: number;
}

/** The written hand-over. */
export interface HandoverReport extends HandoverPlan {
  /** Persons written by this call; the others already existed. */
  readonly written: number;
  readonly seconds: number;
  readonly skipped: readonly Unreadable[];
  readonly settings: HandoverSettings;
}

/** Options of {@link writeHandover}. */
export interface WriteHandoverOptions extends HandoverTraining {
  /** Output folder; existing shards of the same hand-over are kept. */
  readonly out: string;
  /** The people to train on. */
  readonly training: HandoverPart;
  /** People for validation. @defaultValue none: `train.py` then selects the best epoch by its loss */
  readonly validation?: HandoverPart;
  /** Size of the stored crops relative to the network's input. @defaultValue 1 + the augmentation's scale; 1 without augmentation */
  readonly margin?: number;
  /** Persons per shard. @defaultValue 256 */
  readonly shardSize?: number;
  /** Threads. @defaultValue one less than the number of cores, from 1 to 8 */
  readonly workers?: number;
  /** Information about the run, such as the recipe, the annotations or a licence. It is stored in the imported pose model. */
  readonly provenance?: Readonly<Record<string, unknown>>;
  /** Called before the first shard is written. */
  readonly onPlan?: (plan: HandoverPlan) => void;
  /** Called after each shard with the number of completed persons, including existing ones. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called for each person whose image cannot be read. */
  readonly onSkip?: (skip: Unreadable) => void;
}

/** An even margin around the input, so that the unaugmented crop is a slice without resampling. */
function storedSize([width, height]: Size, margin: number): Size {
  if (!(margin >= 1 && margin <= 4)) {
    throw new RangeError(`handover: margin must be in [1, 4]. Received: ${margin}.`);
  }
  const side = (length: number): number => length + 2 * Math.ceil((length * (margin - 1)) / 2 - 1e-9);
  return [side(width), side(height)];
}

const bytesOf = ([width, height]: Size, keypoints: number): number => 3 * width * height + 17 * keypoints + 8;

/**
 * Writes all files that training with Keras 3 on JAX needs, on any number of machines: the network as `start.keras`
 * (and as `start.safetensors`, for importing the result), the people as `.npy` shards of
 * uint8 crops, all settings as `handover.json`, and `train.py` with its requirements and launch files. None of them needs this library.
 *
 * @throws RangeError when the network, codec or an option cannot be handed over; Error when the disk is too small, or the folder holds another hand-over.
 * @example
 * await writeHandover(model, { out: 'handover', training: { persons, images: 'train2017' }, batchSize: 32,
 *   optimizer: { name: 'adam', rate: 1e-3 }, schedule: { epochs: 140, milestones: [90, 120] } });
 */
export async function writeHandover(model: HandoverModel, options: WriteHandoverOptions): Promise<HandoverReport> {
  const { out, training, validation, augmentation, shardSize = 256, onPlan, onProgress } = options;
  const workers = options.workers ?? Math.min(8, Math.max(1, availableParallelism() - 1));
  for (const [name, value] of Object.entries({ shardSize, workers })) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new RangeError(`handover: ${name} must be a whole number from 1. Received: ${value}.`);
    }
  }
  const { inputSize } = model.codec;
  const size = storedSize(inputSize, options.margin ?? (augmentation ? 1 + (augmentation.scale ?? 0.3) : 1));
  const provenance = { ...model.provenance, ...options.provenance };
  const rest = { crop: { size, align: 'edges' as const }, frozen: kerasFrozen(model.network), provenance };
  const empty = { training: { shards: [] }, validation: { shards: [] } };
  settingsOf(model, options, { ...rest, groups: [], data: empty }); // validates everything before the long part
  if (training.persons.length < options.batchSize) {
    throw new RangeError(
      `handover: there must be at least one batch of people, ${options.batchSize}. Received: ${training.persons.length}.`,
    );
  }
  const start = await exportKeras(model.network);
  const groups = kerasGroups(model.network, start);
  const original = await savePoseModel(poseModel({ ...model, provenance }));

  const K = model.keypointSet.names.length;
  const held = validation?.persons ?? [];
  const persons = training.persons.length + held.length;
  const bytesPerPerson = bytesOf(size, K);
  const plan: HandoverPlan = {
    persons,
    size,
    bytesPerPerson,
    bytes: training.persons.length * bytesPerPerson + held.length * bytesOf(inputSize, K),
    shards: Math.ceil(training.persons.length / shardSize) + Math.ceil(held.length / shardSize),
  };
  onPlan?.(plan);
  await mkdir(out, { recursive: true });
  const { bavail, bsize } = await statfs(out);
  const there = await bytesIn(out);
  if (bavail * bsize + there < plan.bytes) {
    throw new Error(`handover: ${out} must have ${plan.bytes} bytes free. Received: ${bavail * bsize}.`);
  }

  const skipped: Unreadable[] = [];
  let done = 0;
  let written = 0;
  const common = {
    out,
    inputSize,
    padding: model.crop?.region === 'box' ? model.crop.padding : 1.25,
    shardSize,
    workers,
    onSkip: (skip: Unreadable) => {
      skipped.push(skip);
      options.onSkip?.(skip);
    },
    onProgress: (count: number, kept: boolean) => {
      done += count;
      if (!kept) written += count;
      onProgress?.(done, persons);
    },
  };
  const began = performance.now();
  const parts = [{ ...training, name: 'training', size }];
  if (validation) parts.push({ ...validation, name: 'validation', size: inputSize });
  const [shards = [], heldOut = []] = await writeShards(parts, common);
  const data = { training: { shards }, validation: { shards: heldOut } };
  const seconds = (performance.now() - began) / 1000;
  const readable = data.training.shards.reduce((sum, { count }) => sum + count, 0);
  if (readable < options.batchSize) {
    throw new Error(
      `handover: there must be at least one batch of people whose images can be read, ${options.batchSize}. Received: ${readable}; ${skipped[0]?.detail}`,
    );
  }
  const settings = settingsOf(model, options, { ...rest, groups, data });
  await writeFile(join(out, 'start.keras'), start);
  await writeFile(join(out, 'start.safetensors'), original); // the original network, for importing the result
  await cp(beside('python'), out, { recursive: true, filter: (path) => !path.includes('__pycache__') });
  await writeFile(join(out, 'handover.json.draft'), `${JSON.stringify(settings, null, 2)}\n`);
  await rename(join(out, 'handover.json.draft'), join(out, 'handover.json')); // last: a folder with it is complete
  return { ...plan, written, seconds, skipped, settings };
}

/** Bytes of the existing shards. */
async function bytesIn(out: string): Promise<number> {
  const files = await readdir(out, { recursive: true });
  const sizes = await Promise.all(files.filter((file) => file.endsWith('.npy')).map((file) => stat(join(out, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
