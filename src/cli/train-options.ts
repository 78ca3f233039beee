import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../engines';
import { RECIPES, shortened, type Recipe, type RecipeName } from '../recipes';
import { POSE_FILE_FORMATS, type PeopleFiles } from '../datasets/node';
import { flag, numberOption, readArguments, text } from './arguments';
import { ENGINES } from './engines';
import { oneOf, parseSize } from './options';

const RECIPE_NAMES = Object.keys(RECIPES) as RecipeName[];

export const trainUsage: string = `poseblocks train --recipe NAME [--annotations FILE --images DIR] [options]

Trains by the recipe of a paper, on your photographs or, by default, on synthetic people. Writes checkpoints and logs to --out.
A run that was stopped, killed or interrupted (Ctrl-C) continues when run again with the same --out.

  --recipe NAME             ${wrapped(RECIPE_NAMES)}
  --annotations FILE        COCO keypoints JSON, MPII .json or .mat, LSP joints.mat; the format is recognised from the content
  --images DIR              the folder of its images. Repeat both for several data sets; keypoints are converted by name to those of the first
  --format coco|mpii|lsp    read the annotations in this format, whatever their content
  --split                   hold out the test set of the data set's usual split (LSP: the last thousand)
  --validation FILE         annotations to validate on (default: every tenth image of --annotations is held out)
  --validation-images DIR   folder of the validation images (default: the first --images)
  --limit N                 train on the first N people only
  --people N                number of synthetic people, without --annotations (default: 500)
  --workers N               threads that prepare photographs (default: one less than the number of cores, at most 4)
  --out DIR                 folder for checkpoints, run.json, log.jsonl and TensorBoard events (default: out/NAME)
  --shorten F               multiply the recipe's number of epochs and its milestones by F
  --size F|WxH              multiply the recipe's input size by F, rounded to what the network takes; or width x height
  --batch N                 people per batch (default: the recipe's)
  --accumulate N            batches whose gradients are accumulated per step (default: 1)
  --processes N             threads that share each batch, each with its own engine (default: 1). Equivalent to N batches of
                            1/N the people with --accumulate N
  --rate R                  initial learning rate (default: the recipe's)
  --average D               validate and save the EMA of the weights with decay D per step, such as 0.999
  --weights FILE            start from the matching weights of this file: a pose model, checkpoint, .safetensors, .pth, .keras or .onnx
  --freeze LAYER            freeze this layer or stage; may be repeated
  --patience N              stop after N validations without improvement
  --validate-every N        validate every N epochs (default: 1)
  --save-every N            save a checkpoint every N steps, in addition to every epoch (default: 500)
  --log-every N             log every N steps (default: 10)
  --self-test N             first check that the network can overfit N people, and stop if it cannot
  --strict                  stop at every fault that a guard finds (default: only if the loss is not finite)
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --seed N                  seed of weights, order and augmentation (default: 1)
  --no-report               do not write report.html at the end
  --json                    print the result as JSON
  --quiet                   no progress line

Exit code 1 if a guard, the self-test or Ctrl-C stopped the run.`;

export interface TrainOptions {
  readonly name: RecipeName;
  /** The recipe to run: shortened, with the given batch size and learning rate. */
  readonly recipe: Recipe;
  /** `[width, height]`. */
  readonly inputSize: readonly [number, number];
  /** Annotations with their images; empty for synthetic people. */
  readonly files: readonly PeopleFiles[];
  readonly validation?: PeopleFiles | undefined;
  readonly split: boolean;
  readonly limit?: number | undefined;
  readonly people: number;
  readonly workers: number;
  readonly out: string;
  readonly accumulate: number;
  readonly processes: number;
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
  readonly report: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The validated arguments; undefined for `--help`. */
export function trainOptions(args: readonly string[]): TrainOptions | undefined {
  const several = { type: 'string', multiple: true, default: [] as string[] } as const;
  const { values } = readArguments('train', args, {
    recipe: text,
    annotations: several,
    images: several,
    format: text,
    split: flag,
    validation: text,
    'validation-images': text,
    limit: text,
    people: text,
    workers: text,
    out: text,
    shorten: text,
    size: text,
    batch: text,
    accumulate: text,
    processes: text,
    rate: text,
    average: text,
    weights: text,
    freeze: several,
    patience: text,
    'validate-every': text,
    'save-every': text,
    'log-every': text,
    'self-test': text,
    strict: flag,
    engine: text,
    seed: text,
    'no-report': flag,
    quiet: flag,
  });
  if (values.help) return undefined;
  type Key = keyof typeof values;
  const numeric = (key: Key, holds: (value: number) => boolean, what: string): number | undefined =>
    numberOption('train', `--${key}`, values[key] as string | undefined, holds, what);
  const count = (key: Key): number | undefined => numeric(key, isCount, 'a whole number from 1');
  const positive = (key: Key): number | undefined =>
    numeric(key, (value) => value > 0 && Number.isFinite(value), 'a number above 0');

  if (values.recipe === undefined)
    throw new Error('train: --recipe must name a recipe. Received: none. poseblocks train --help lists them.');
  const name = oneOf('train', values.recipe, RECIPE_NAMES, '--recipe');
  const { annotations, images, validation } = values;
  if (annotations.length !== images.length) {
    throw new Error(`train: --annotations and --images must be given together. Received: ${annotations.length} and ${images.length} of them.`); // prettier-ignore
  }
  const needing = (['validation', 'validation-images', 'split', 'limit', 'format'] as const).find((key) => values[key] !== undefined && values[key] !== false); // prettier-ignore
  if (annotations.length === 0 && needing !== undefined && needing !== 'limit')
    throw new Error(`train: --${needing} needs --annotations and --images. Received: neither.`);
  if (values.split && validation !== undefined)
    throw new Error('train: --split and --validation cannot be combined. Received: both.');
  if (annotations.length > 0 && values.people !== undefined)
    throw new Error('train: --people is for synthetic people and cannot be combined with --annotations. Received: both. --limit uses a part of the annotated people.'); // prettier-ignore
  const format = values.format === undefined ? {} : { format: oneOf('train', values.format, POSE_FILE_FORMATS, '--format') }; // prettier-ignore
  const { optimizer, batchSize, ...rest } = shortened(RECIPES[name] as Recipe, positive('shorten') ?? 1);
  const recipe = {
    ...rest,
    batchSize: count('batch') ?? batchSize,
    optimizer: { ...optimizer, rate: positive('rate') ?? optimizer.rate },
  };
  const processes = count('processes') ?? 1;
  const engine = oneOf('train', values.engine ?? 'auto', ENGINES, '--engine');
  if (processes > recipe.batchSize)
    throw new Error(`train: --processes must be at most the people in a batch, ${recipe.batchSize}. Received: ${processes}. --batch takes more.`); // prettier-ignore
  if (processes > 1 && engine !== 'auto' && engine !== 'wasm')
    throw new Error(`train: --processes must go with the wasm engine, on whose threads it runs. Received: --engine ${engine}.`); // prettier-ignore
  const selfTest = count('self-test');
  return {
    name,
    recipe,
    inputSize: sizeOf(values.size ?? '1', recipe),
    files: annotations.map((path, i) => ({ annotations: path, images: images[i]!, ...format })),
    validation: validation === undefined ? undefined : { annotations: validation, images: values['validation-images'] ?? images[0]!, ...format }, // prettier-ignore
    split: values.split,
    limit: count('limit'),
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
    processes,
    engine: processes > 1 ? 'wasm' : engine,
    seed: numeric('seed', (value) => Number.isInteger(value) && value >= 0, 'a whole number') ?? 1,
    report: !values['no-report'],
    json: values.json,
    quiet: values.quiet || values.json,
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

/** Names, wrapped for a usage text. */
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
