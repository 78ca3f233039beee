import { parseArgs } from 'node:util';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../engines';
import { RECIPES, shortened, type Recipe, type RecipeName } from '../recipes';
import { oneOf, parseSize } from './options';

const ENGINES = ['auto', 'cuda', 'webgpu', 'tfjs-node', 'wasm', 'cpu'] as const satisfies (EngineName | 'auto')[];
const FORMATS = ['coco', 'mpii', 'lsp'] as const;
const RECIPE_NAMES = Object.keys(RECIPES) as RecipeName[];

export const trainUsage: string = `poseblocks train --recipe NAME [--annotations FILE --images DIR] [options]

Trains by a paper's recipe, on your photographs or, without any, on synthetic people. Checkpoints and logs go to --out;
run again with the same --out, it goes on from where it was stopped, killed or interrupted (Ctrl-C).

  --recipe NAME             ${wrapped(RECIPE_NAMES)}
  --annotations FILE        COCO keypoints JSON, MPII .json or .mat, LSP joints.mat
  --images DIR              the images that it names
  --format coco|mpii|lsp    of the annotations (default: coco for .json, the recipe's for .mat)
  --validation FILE         to validate on (default: every tenth image of --annotations is held out)
  --validation-images DIR   (default: --images)
  --people N                how many synthetic people, without --annotations (default: 500)
  --workers N               threads that prepare photographs (default: one less than the cores, 4 at most)
  --out DIR                 checkpoints, run.json, log.jsonl, TensorBoard events (default: out/NAME)
  --shorten F               F times the recipe's epochs; milestones move along
  --size F|WxH              F times the recipe's input, rounded to what the network takes, or width x height
  --batch N                 people in a batch (default: the recipe's)
  --accumulate N            batches whose gradients make one step (default: 1)
  --rate R                  learning rate to begin with (default: the recipe's)
  --average D               validate and keep an average of the weights, decaying by D each step: 0.999
  --weights FILE            begin with what fits of these: a checkpoint, or PyTorch's weights as .safetensors
  --freeze LAYER            do not train this layer or stage; may be repeated
  --patience N              stop after N validations without a better figure
  --validate-every N        epochs (default: 1)
  --save-every N            also save each N steps, besides each epoch (default: 500)
  --log-every N             steps between lines of the logs (default: 10)
  --self-test N             first see whether it can learn N people by heart, and stop if not
  --strict                  stop at every fault that a guard finds; without, only where the loss is not finite
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --seed N                  of weights, order and augmentation (default: 1)
  --quiet                   no progress line

Exit code 1 when a guard, the self-test or Ctrl-C ended it.`;

export interface TrainOptions {
  readonly name: RecipeName;
  /** As it will be run: shortened, with the batch size and rate asked for. */
  readonly recipe: Recipe;
  /** `[width, height]`. */
  readonly inputSize: readonly [number, number];
  readonly annotations?: string | undefined;
  readonly images?: string | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly validation?: string | undefined;
  readonly validationImages?: string | undefined;
  readonly people: number;
  readonly workers: number;
  readonly out: string;
  readonly accumulate: number;
  readonly average?: number | undefined;
  readonly weights?: string | undefined;
  readonly freeze: readonly string[];
  readonly patience?: number | undefined;
  readonly validateEvery: number;
  readonly saveEvery: number;
  readonly logEvery: number;
  readonly selfTest?: number | undefined;
  readonly strict: boolean;
  readonly engine: EngineName | 'auto';
  readonly seed: number;
  readonly quiet: boolean;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** The arguments, checked; undefined where help was asked for. */
export function trainOptions(args: readonly string[]): TrainOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      recipe: text,
      annotations: text,
      images: text,
      format: text,
      validation: text,
      'validation-images': text,
      people: text,
      workers: text,
      out: text,
      shorten: text,
      size: text,
      batch: text,
      accumulate: text,
      rate: text,
      average: text,
      weights: text,
      freeze: { type: 'string', multiple: true, default: [] },
      patience: text,
      'validate-every': text,
      'save-every': text,
      'log-every': text,
      'self-test': text,
      strict: flag,
      engine: { ...text, default: 'auto' },
      seed: text,
      quiet: flag,
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  type Key = keyof typeof values;
  const numeric = (key: Key, holds: (value: number) => boolean, what: string): number | undefined => {
    const value = values[key] as string | undefined;
    if (value === undefined) return undefined;
    if (value.trim() === '' || !holds(Number(value))) {
      throw new Error(`train: --${key} must be ${what}. Received: ${value}.`);
    }
    return Number(value);
  };
  const count = (key: Key): number | undefined => numeric(key, isCount, 'a whole number from 1');
  const positive = (key: Key): number | undefined =>
    numeric(key, (value) => value > 0 && Number.isFinite(value), 'a number above 0');

  if (values.recipe === undefined) throw new Error(`train: --recipe must name a recipe.\n\n${trainUsage}`);
  const name = oneOf('train', values.recipe, RECIPE_NAMES, '--recipe');
  const { annotations, images, validation } = values;
  if ((annotations === undefined) !== (images === undefined)) {
    throw new Error('train: --annotations and --images must be given together. Received: one of them.');
  }
  if (annotations === undefined && validation !== undefined) {
    throw new Error('train: --validation needs --annotations and --images. Received: neither.');
  }
  const { optimizer, batchSize, ...rest } = shortened(RECIPES[name] as Recipe, positive('shorten') ?? 1);
  const recipe = {
    ...rest,
    batchSize: count('batch') ?? batchSize,
    optimizer: { ...optimizer, rate: positive('rate') ?? optimizer.rate },
  };
  const selfTest = count('self-test');
  const ofFile = annotations?.endsWith('.mat') ? (recipe.dataset === 'mpii' ? 'mpii' : 'lsp') : 'coco';
  return {
    name,
    recipe,
    inputSize: sizeOf(values.size ?? '1', recipe),
    annotations,
    images,
    format: oneOf('train', values.format ?? ofFile, FORMATS, '--format'),
    validation,
    validationImages: values['validation-images'] ?? images,
    people: count('people') ?? 500,
    workers: count('workers') ?? Math.min(4, Math.max(1, availableParallelism() - 1)),
    out: values.out ?? join('out', name),
    accumulate: count('accumulate') ?? 1,
    average: numeric('average', (value) => value > 0 && value < 1, 'between 0 and 1'),
    weights: values.weights,
    freeze: values.freeze,
    patience: count('patience'),
    validateEvery: count('validate-every') ?? 1,
    saveEvery: count('save-every') ?? 500,
    logEvery: count('log-every') ?? 10,
    selfTest,
    strict: values.strict,
    engine: oneOf('train', values.engine, ENGINES, '--engine'),
    seed: numeric('seed', (value) => Number.isInteger(value) && value >= 0, 'a whole number') ?? 1,
    quiet: values.quiet,
  };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;

/** `0.5`, or `96x128`. */
function sizeOf(size: string, { inputSize, sides }: Recipe): readonly [number, number] {
  const exact = parseSize(size);
  if (exact) return exact;
  const factor = Number(size);
  if (!(factor > 0 && factor <= 8)) {
    throw new Error(`train: --size must be a factor such as 0.5, or WIDTHxHEIGHT. Received: ${size}.`);
  }
  const { multiple, plus } = sides ?? { multiple: 32, plus: 0 };
  const rounded = (side: number): number =>
    Math.max(Math.ceil(64 / multiple), Math.round((side * factor - plus) / multiple)) * multiple + plus;
  return [rounded(inputSize[0]), rounded(inputSize[1])];
}

/** Names in lines of a usage. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    if (`${lines.at(-1)}${name}, `.length > 80) lines.push('');
    lines[lines.length - 1] += `${name}, `;
  }
  return lines
    .map((line) => line.trimEnd())
    .join(`\n${' '.repeat(28)}`)
    .replace(/,$/, '');
}
