import { formatEngine, useEngine } from '../engines';
import type { HandoverTraining } from '../handover';
import { writeHandover } from '../handover/node';
import type { PoseModel } from '../models';
import { loadPoseModelFile } from '../models/node';
import { RECIPES } from '../recipes';
import { epochScale } from '../targets';
import { readArguments } from './arguments';
import type { Command, Terminal } from './command';
import { progressBar } from './progress';
import { trainData } from './train-data';
import { trainModel } from './train-network';
import { trainOptions, type TrainOptions } from './train-options';

export const handoverUsage: string = `poseblocks handover MODEL|--recipe NAME --annotations FILE --images DIR --out DIR [options]

Writes a folder for training with Keras 3 on JAX on any number of machines: the network, the people as .npy shards, all settings,
train.py, and launch files for SLURM, Kubernetes and Ray. "python train.py" in that folder trains on one machine;
"poseblocks takeover DIR" imports the trained network. An interrupted command continues when run again.

  MODEL                     the pose model to start from; loss and schedule are those of its recipe, or of --recipe
  --recipe NAME             a recipe with heatmaps, as for poseblocks train
  --annotations FILE, --images DIR, --format, --validation FILE, --validation-images DIR
                            as for poseblocks train
  --out DIR                 the folder to write
  --margin M                size of the stored crops relative to the network's input; augmentation that reaches beyond
                            them shows black (default: 1 + the scale of the recipe's augmentation)
  --shard N                 people per shard (default: 256)
  --workers N               threads (default: one less than the number of cores, at most 4)
  --shorten F, --size F|WxH, --batch N, --rate R, --average D, --weights FILE, --seed N
                            as for poseblocks train; --batch is the batch size of all processes together
  --engine NAME             the engine that loads the weights (default: auto)
  --quiet                   no progress bar`;

const TRAIN_KEYS = ['recipe', 'annotations', 'images', 'format', 'validation', 'validation-images', 'workers', 'shorten', 'size', 'batch', 'rate', 'average', 'weights', 'seed', 'engine'] as const; // prettier-ignore

/** The command `poseblocks handover`. */
export const handoverCommand: Command = async (args, io) => {
  const text = { type: 'string' } as const;
  const { values, positionals } = readArguments(
    'handover',
    args,
    {
      ...(Object.fromEntries(TRAIN_KEYS.map((key) => [key, text])) as Record<(typeof TRAIN_KEYS)[number], typeof text>),
      out: text,
      margin: text,
      shard: text,
      quiet: { type: 'boolean', default: false },
    },
    1,
  );
  if (values.help) {
    io.print(handoverUsage);
    return 0;
  }
  const [path, ...surplus] = positionals;
  if (surplus.length > 0) throw new Error(`handover: one MODEL must be given. Received: ${positionals.join(', ')}.`);
  const { out, annotations, images, recipe } = values;
  for (const [key, value] of Object.entries({ out, annotations, images })) {
    if (value === undefined)
      throw new Error(
        `handover: --${key} must be given. Received: nothing. poseblocks handover --help lists the options.`,
      );
  }
  const number = (key: 'margin' | 'shard'): number | undefined => {
    const given = values[key];
    if (given === undefined) return undefined;
    if (given.trim() === '' || !(Number(given) > 0)) throw new Error(`handover: --${key} must be a number above 0. Received: ${given}.`); // prettier-ignore
    return Number(given);
  };
  const [margin, shardSize] = [number('margin'), number('shard')];

  io.warn(formatEngine(await useEngine((values.engine ?? 'auto') as Parameters<typeof useEngine>[0])));
  const given = path === undefined ? undefined : await loadPoseModelFile(path);
  try {
    const named = recipe ?? given?.provenance.recipe;
    if (named === undefined || (given !== undefined && !Object.hasOwn(RECIPES, named))) {
      throw new Error(
        path === undefined
          ? `handover: MODEL or --recipe must be given. Received: neither. poseblocks handover --help lists the options.`
          : `handover: ${path} must name its recipe, or --recipe must be given. Received: ${named ?? 'neither'}.`,
      );
    }
    const shared = TRAIN_KEYS.flatMap((key) => (values[key] === undefined || key === 'recipe' ? [] : [`--${key}`, values[key]])); // prettier-ignore
    const options = trainOptions(['--recipe', named, ...shared])!;
    return await handOver(
      { ...options, quiet: values.quiet || values.json, json: values.json },
      given,
      { out: out!, margin, shardSize },
      io,
    );
  } finally {
    given?.network.dispose();
  }
};

interface Folder {
  readonly out: string;
  readonly margin: number | undefined;
  readonly shardSize: number | undefined;
}

async function handOver(
  options: TrainOptions,
  given: PoseModel | undefined,
  { out, margin, shardSize }: Folder,
  io: Terminal,
): Promise<number> {
  const { training, heldOut, keypointSet } = await trainData(options, io);
  const model = given ?? (await trainModel(options, keypointSet, io));
  try {
    if (String(model.keypointSet.names) !== String(keypointSet.names)) {
      throw new Error(
        `handover: the model must have the same keypoints as --annotations, ${keypointSet.names}. Received: ${model.keypointSet.names}.`,
      );
    }
    const { files, name, workers } = options;
    const bar = await progressBar('writing', options.quiet);
    try {
      const report = await writeHandover(model, {
        ...trainingOf(options),
        out,
        training: { persons: training.persons, images: training.folder! },
        validation: { persons: heldOut.persons, images: heldOut.folder! },
        workers,
        ...(margin !== undefined && { margin }),
        ...(shardSize !== undefined && { shardSize }),
        provenance: { recipe: name, data: files.map(({ annotations }) => annotations).join(', ') },
        onPlan: ({ persons, size: [width, height], bytesPerPerson, bytes, shards }) =>
          io.warn(
            `${persons} people, ${(bytesPerPerson / 1024).toFixed(1)} KiB per person (${width}×${height} with the margin): ${(bytes / 2 ** 20).toFixed(1)} MiB in ${shards} shards.`,
          ),
        onProgress: bar.update,
        onSkip: ({ id, detail }) => io.warn(`Person ${id} is skipped: ${detail}`),
      });
      bar.stop();
      const { written, seconds, skipped } = report;
      const rate = written > 0 ? `, ${(written / seconds).toFixed(0)} per second` : '';
      const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
      if (options.json) {
        io.print(JSON.stringify({ out, written, seconds, skipped }, null, 2));
        return 0;
      }
      io.print(
        `${out}: ${written} people written${rate}${left}. Next: pip install -r requirements.txt, python train.py, poseblocks takeover ${out}.`,
      );
      return 0;
    } finally {
      bar.stop();
    }
  } finally {
    if (given === undefined) model.network.dispose();
  }
}

/** A recipe as `train.py` reads it. */
function trainingOf({ recipe, seed, average, inputSize }: TrainOptions): HandoverTraining {
  const { optimizer, schedule, batchSize, augmentation } = recipe;
  return {
    optimizer: optimizer as HandoverTraining['optimizer'], // writeHandover refuses optimisers that train.py does not have
    schedule,
    batchSize,
    seed,
    ...(augmentation && { augmentation }),
    ...(average !== undefined && { average }),
    ...(recipe.codecAt && { epochScale: scaleOf(recipe.codecAt.bind(recipe), inputSize) }),
  };
}

/** `epochScale` is the only rule by which recipes change targets with the epoch; its start and minimum are the factors of the first and of a late epoch. */
function scaleOf(
  codecAt: NonNullable<TrainOptions['recipe']['codecAt']>,
  inputSize: readonly [number, number],
): { start: number; minimum: number } {
  // prettier-ignore
  const factor = (epoch: number): number => (codecAt(epoch, inputSize).toJSON() as { factor?: number }).factor ?? NaN;
  const scale = { start: factor(0), minimum: factor(1e6) };
  const expected = epochScale(scale);
  if ([0, 1, 7, 1000].some((epoch) => factor(epoch) !== expected(epoch))) {
    throw new Error('handover: targets that change with the epoch must use epochScale. Received: another rule.');
  }
  return scale;
}
