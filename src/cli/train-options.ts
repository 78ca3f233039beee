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

Trains by a paper's recipe, on your photographs or, without any, on synthetic people. Checkpoints and logs go to --out;
run again with the same --out, it goes on from where it was stopped, killed or interrupted (Ctrl-C).

  --recipe NAME             ${wrapped(RECIPE_NAMES)}
  --annotations FILE        COCO keypoints JSON, MPII .json or .mat, LSP joints.mat; told from what is in it
  --images DIR              the images that it names. Both may be repeated: keypoints are then converted by name to the first's
  --format coco|mpii|lsp    of the annotations, where they are to be read as that alone
  --split                   hold out what the data set's usual split holds out (LSP: the last thousand)
  --validation FILE         to validate on (default: every tenth image of --annotations is held out)
  --validation-images DIR   (default: the first --images)
  --limit N                 train on the first N people alone
  --people N                how many synthetic people, without --annotations (default: 500)
  --workers N               threads that prepare photographs (default: one less than the cores, 4 at most)
  --out DIR                 checkpoints, run.json, log.jsonl, TensorBoard events (default: out/NAME)
  --shorten F               F times the recipe's epochs; milestones move along
  --size F|WxH              F times the recipe's input, rounded to what the network takes, or width x height
  --batch N                 people in a batch (default: the recipe's)
  --accumulate N            batches whose gradients make one step (default: 1)
  --processes N             threads that share each batch, each with an engine of its own (default: 1). The same as
                            N batches of 1/N the people with --accumulate N
  --rate R                  learning rate to begin with (default: the recipe's)
  --average D               validate and keep an average of the weights, decaying by D each step: 0.999
  --weights FILE            begin with what fits of these: a pose model, checkpoint, .safetensors, .pth, .keras or .onnx
  --freeze LAYER            do not train this layer or stage; may be repeated
  --patience N              stop after N validations without a better figure
  --validate-every N        epochs (default: 1)
  --save-every N            also save each N steps, besides each epoch (default: 500)
  --log-every N             steps between lines of the logs (default: 10)
  --self-test N             first see whether it can learn N people by heart, and stop if not
  --strict                  stop at every fault that a guard finds; without, only where the loss is not finite
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --seed N                  of weights, order and augmentation (default: 1)
  --no-report               no report.html at the end
  --json                    print what came of it as JSON
  --quiet                   no progress line

Exit code 1 when a guard, the self-test or Ctrl-C ended it.`;

export interface TrainOptions {
  readonly name: RecipeName;
  /** As it will be run: shortened, with the batch size and rate asked for. */
  readonly recipe: Recipe;
  /** `[width, height]`. */
  readonly inputSize: readonly [number, number];
  /** Annotations with their images; none: synthetic people. */
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

/** The arguments, checked; undefined where help was asked for. */
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
    throw new Error('train: --split and --validation exclude each other. Received: both.');
  if (annotations.length > 0 && values.people !== undefined)
    throw new Error('train: --people are drawn ones, without --annotations. Received: both. --limit takes some of the annotated.'); // prettier-ignore
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
