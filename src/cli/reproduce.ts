import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lspSplit, type PoseDataset } from '../datasets';
import { imageFolder, readCocoFile, readLspFile, readMpiiFile, withImageSizes } from '../datasets/node';
import { formatEngine, useEngine, type EngineName } from '../engines';
import { loadStateDict, readPth, readSafetensors, stateDict, type StateDict } from '../interop';
import {
  RECIPES,
  recipesOf,
  reproduceRow,
  reproductionCsv,
  reproductionHtml,
  reproductionMarkdown,
  rowOf,
  type Recipe,
  type RecipeName,
  type Reproduction,
  type ReproductionPeople,
} from '../recipes';
import { directoryStore, jsonlLog } from '../training/node';
import { readArguments } from './arguments';
import type { Command, Terminal } from './command';
import { oneOf, parseSize } from './options';
import { lines, progressLine } from './train-show';

const PAPERS = ['000', '001', '002', '003'] as const;
const ENGINES = ['auto', 'cuda', 'webgpu', 'tfjs-node', 'wasm', 'cpu'] as const satisfies (EngineName | 'auto')[];

export const reproduceUsage: string = `poseblocks reproduce PAPER --data DIR [options]

Trains the rows of a paper's table one after another, each by its recipe. Writes the paper's value and ours, in the paper's metric, to
table.md, table.csv and table.html in --out. An interrupted command continues when run again with the same --out.

  PAPER                     ${PAPERS.join(', ')}
  --data DIR                000: Leeds Sports Poses, joints.mat and images/
                            001, 002: MPII, train.json, valid.json and images/; 003: COCO, train.json, val.json, train/ and val/
  --rows NAME,NAME          run these rows only (default: all)
  --shorten F               multiply the recipe's number of epochs by F
  --size F|WxH              multiply the recipe's input size by F, rounded to what the network takes; or width x height
  --weights FILE            start from the matching weights of this file: a .pth of torchvision, or .safetensors (default: from scratch)
  --plain                   000: Gaussians of height 1, not of a height that decreases with the epoch
  --seed N                  seed of weights, order and augmentation (default: 1)
  --out DIR                 folder for the tables and one folder per row (default: out/PAPER)
  --list                    print the rows with the paper's values
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --quiet                   no progress line

Exit code 1 if it was interrupted (Ctrl-C).`;

/** The command `poseblocks reproduce`. */
export const reproduceCommand: Command = async (args, io) => {
  const { values, positionals } = readArguments(
    'reproduce',
    args,
    {
      data: { type: 'string' },
      rows: { type: 'string' },
      shorten: { type: 'string', default: '1' },
      size: { type: 'string', default: '1' },
      weights: { type: 'string' },
      plain: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      list: { type: 'boolean', default: false },
      engine: { type: 'string', default: 'auto' },
      quiet: { type: 'boolean', default: false },
    },
    1,
  );
  if (values.help) {
    io.print(reproduceUsage);
    return 0;
  }
  const paper = oneOf('reproduce', String(positionals[0]), PAPERS, 'PAPER');
  const names = recipesOf(paper);
  if (values.list) {
    io.print(values.json ? JSON.stringify({ paper, rows: names.map(rowOf) }, null, 2) : reproductionMarkdown(names.map(rowOf))); // prettier-ignore
    return 0;
  }
  const chosen = chosenRows(names, values.rows);
  const shorten = number('--shorten', values.shorten, (value) => value > 0, 'a number above 0');
  const seed = number('--seed', values.seed, (value) => Number.isInteger(value) && value >= 0, 'a whole number');
  if (values.data === undefined)
    throw new Error(`reproduce: --data must name a folder. poseblocks reproduce --help lists the options.`);
  if (values.plain && paper !== '000') throw new Error(`reproduce: --plain is for paper 000. Received: ${paper}.`);
  const sizes = new Map(chosen.map((name) => [name, sizeOf(values.size, RECIPES[name] as Recipe)]));
  const begin = values.weights === undefined ? undefined : await beginning(values.weights, io);
  const out = values.out ?? join('out', paper);
  io.warn(formatEngine(await useEngine(oneOf('reproduce', values.engine, ENGINES, '--engine'))));
  const data = await readData(paper, values.data, io);

  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const rows = new Map<RecipeName, Reproduction>(names.map((name) => [name, rowOf(name)]));
    for (const name of names) {
      const done = await finished(join(out, name, 'row.json'));
      if (done) rows.set(name, done);
    }
    for (const name of chosen) {
      if (controller.signal.aborted) break;
      const folder = join(out, name);
      const inputSize = sizes.get(name)!;
      const before = rows.get(name)!;
      if (before.state === 'run') {
        const same =
          before.seed === seed && before.plain === values.plain && String(before.inputSize) === String(inputSize);
        if (same) continue;
        throw new Error(
          `reproduce: ${folder} must hold a run with the same options. Received: seed ${before.seed}, ${before.inputSize?.join('x')}, ${before.plain ? 'plain' : "the paper's"} targets. Give another --out.`,
        );
      }
      const told = values.json ? { ...io, print: io.warn } : io; // stdout is the JSON alone
      told.print(`${name}, ${inputSize.join('x')}:`);
      const row = await reproduceRow(name, {
        ...data,
        store: directoryStore(folder),
        inputSize,
        shorten,
        seed,
        plain: values.plain,
        signal: controller.signal,
        callbacks: [
          ...progressLine(values.quiet || values.json),
          lines(RECIPES[name] as Recipe, told),
          jsonlLog(join(folder, 'log.jsonl'), { everySteps: 10 }),
        ],
        ...(begin && { begin }),
      });
      rows.set(name, row);
      if (row.state === 'run') await writeFile(join(folder, 'row.json'), `${JSON.stringify(row, null, 2)}\n`);
      await writeTables(paper, out, [...rows.values()]);
    }
    await writeTables(paper, out, [...rows.values()]);
    const all = [...rows.values()];
    io.print(values.json ? JSON.stringify({ paper, out, rows: all }, null, 2) : reproductionMarkdown(all));
    if (!controller.signal.aborted) return 0;
    io.warn('Interrupted. Run the same command again to continue.');
    return 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
};

/** The row of a finished run. */
async function finished(path: string): Promise<Reproduction | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Reproduction);
}

async function writeTables(paper: string, out: string, rows: readonly Reproduction[]): Promise<void> {
  await writeFile(join(out, 'table.md'), `${reproductionMarkdown(rows)}\n`);
  await writeFile(join(out, 'table.csv'), `${reproductionCsv(rows)}\n`);
  await writeFile(join(out, 'table.html'), reproductionHtml(paper, rows));
}

/** Rows are chosen by the paper's name of the row, or by the name of the recipe. */
function chosenRows(names: readonly RecipeName[], rows: string | undefined): readonly RecipeName[] {
  if (rows === undefined) return names;
  const byRow = new Map(names.flatMap((name) => [[name, name] as const, [rowOf(name).row, name] as const]));
  return rows.split(',').map((row) => byRow.get(oneOf('reproduce', row, [...byRow.keys()], '--rows'))!);
}

function number(option: string, text: string, holds: (value: number) => boolean, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !holds(value)) throw new Error(`reproduce: ${option} must be ${what}. Received: ${text}.`);
  return value;
}

function sizeOf(text: string, { inputSize, sides }: Recipe): readonly [number, number] {
  const exact = parseSize(text);
  if (exact) return exact;
  const factor = number('--size', text, (value) => value > 0 && value <= 8, 'a factor such as 0.5, or WIDTHxHEIGHT');
  const { multiple, plus } = sides ?? { multiple: 32, plus: 0 };
  const rounded = (side: number): number =>
    Math.max(1, Math.round((side * factor - plus) / multiple)) * multiple + plus;
  return [rounded(inputSize[0]), rounded(inputSize[1])];
}

/** Loads the weights of a file that match by name and shape; the same for every row. */
async function beginning(path: string, io: Terminal): Promise<(network: LayersModel) => Promise<string>> {
  const bytes = await readFile(path);
  const tensors: StateDict = path.endsWith('.safetensors') ? readSafetensors(bytes) : readPth(bytes);
  return async (network) => {
    const own = await stateDict(network);
    const fits = ([key, { shape }]: [string, StateDict[string]]): boolean =>
      key in own && String(own[key]!.shape) === String(shape);
    const { loaded, missing } = loadStateDict(network, Object.fromEntries(Object.entries(tensors).filter(fits)), {
      strict: false,
    });
    if (loaded.length === 0) {
      throw new Error(
        `reproduce: --weights must match the network in at least one name and shape. Received: ${Object.keys(tensors)[0]}, …; the first name of the network is ${Object.keys(own)[0]}.`,
      );
    }
    io.warn(`${path}: ${loaded.length} tensors loaded; ${missing.length} tensors of the network stay random.`);
    return path.split(/[/\\]/).at(-1)!;
  };
}

interface Data {
  readonly training: ReproductionPeople;
  readonly test: ReproductionPeople;
  readonly keypointSet: PoseDataset['keypointSet'];
}

async function readData(paper: (typeof PAPERS)[number], folder: string, io: Terminal): Promise<Data> {
  const told = (part: string, { persons, skipped }: PoseDataset): void =>
    io.warn(`${part}: ${persons.length} persons${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}.`);
  const joined = (training: PoseDataset, trainImages: string, test: PoseDataset, testImages: string): Data => {
    told('training', training);
    told('test', test);
    return {
      training: { persons: training.persons, readImage: imageFolder(trainImages, { cache: 512 }) },
      test: { persons: test.persons, readImage: imageFolder(testImages, { cache: 512 }) },
      keypointSet: training.keypointSet,
    };
  };
  const images = join(folder, 'images');
  if (paper === '000') {
    const lsp = await withImageSizes(await readLspFile(join(folder, 'joints.mat')), images);
    return joined(lspSplit(lsp, 'train'), images, lspSplit(lsp, 'test'), images);
  }
  if (paper === '003') {
    const [train, val] = [join(folder, 'train'), join(folder, 'val')];
    return joined(await readCocoFile(`${train}.json`), train, await readCocoFile(`${val}.json`), val);
  }
  const [train, valid] = [join(folder, 'train.json'), join(folder, 'valid.json')];
  return joined(await readMpiiFile(train), images, await readMpiiFile(valid), images);
}
