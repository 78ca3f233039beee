import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { holdOut, syntheticPeople, type PoseDataset, type TopDownOptions } from '../datasets';
import { imageFolder, readPeopleFiles } from '../datasets/node';
import { formatEngine, useEngine } from '../engines';
import { loadPoseModelFile } from '../models/node';
import {
  canPlot,
  comparisonCsv,
  comparisonHtml,
  comparisonRecords,
  comparisonSvg,
  comparisonTable,
  compareNetworks,
  meanPoseAccuracy,
  matchNetworks,
  type Compared,
  type ComparisonData,
  type ComparisonRow,
  type ComparisonView,
} from '../recipes';
import { flag, isCount, isPositive, isWhole, numberOption, readArguments, text } from './arguments';
import type { Command } from './command';
import { ENGINES } from './engines';
import { formatReport } from './format';
import { oneOf, parseSize } from './options';

export const compareUsage: string = `poseblocks compare NAME|MODEL … [options]

Compares networks: parameters, multiply-adds, memory, milliseconds on this engine and, with --steps, accuracy after the same number
of training steps for each, from the same seeds.

  NAME                      a recipe, a row of a paper, another variant of a network, or a pattern such as 002-*; --list prints them
  MODEL                     a pose model (.safetensors) or the folder of a run; it is measured without training
  --people N                number of synthetic people to train on; another tenth of that number is held out
  --annotations FILE        COCO, MPII or LSP annotations; every tenth image is held out. Repeat it with --images for several files
  --images DIR              the folder of the images
  --steps N                 training steps for each network (default: 0)
  --seeds S,S,…             seeds of the weights and of the order of people (default: 1)
  --batch N                 people per step (default: 8)
  --rate R                  Adam's learning rate for all networks (default: for each network the best of three after a tenth of the steps)
  --input WxH               input size of named networks (default: that of the paper)
  --runs N                  timed runs, of which the median is printed (default: 10; 0: no timing)
  --out DIR                 also write compare.csv, compare.html, and compare.svg with accuracy over cost, to this folder, after each network
  --resume                  take the rows of an interrupted comparison with the same options from --out
  --list                    print all names
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --json                    print rows as JSON`;

/** The command `poseblocks compare`. */
export const compareCommand: Command = async (args, io) => {
  const several = { type: 'string', multiple: true, default: [] as string[] } as const;
  const options = {
    people: text,
    annotations: several,
    images: several,
    steps: text,
    seeds: text,
    batch: text,
    rate: text,
    input: text,
    runs: text,
    out: text,
    resume: flag,
    list: flag,
    engine: text,
  } as const;
  const { values, positionals } = readArguments('compare', args, options, Infinity);
  if (values.help) {
    io.print(compareUsage);
    return 0;
  }
  if (values.list) {
    io.print(matchNetworks('*').join('\n'));
    return 0;
  }
  if (positionals.length === 0)
    throw new Error(
      'compare: a name or a model must be given. Received: none. poseblocks compare --list prints the names.',
    );
  const number = (name: keyof typeof values, holds: (value: number) => boolean, what: string): number | undefined =>
    numberOption('compare', `--${name}`, values[name] as string | undefined, holds, what);
  const inputSize = values.input === undefined ? undefined : parseSize(values.input);
  if (values.input !== undefined && inputSize === undefined)
    throw new Error(`compare: --input must be WIDTHxHEIGHT, such as 192x256. Received: ${values.input}.`);
  const seeds = (values.seeds ?? '1').split(',').map((seed) => numberOption('compare', '--seeds', seed, isWhole, 'whole numbers separated by commas')!); // prettier-ignore
  const asked = {
    steps: number('steps', isWhole, 'a whole number'),
    batchSize: number('batch', isCount, 'a whole number from 1'),
    rate: number('rate', isPositive, 'a number above 0'),
    runs: number('runs', isWhole, 'a whole number'),
    inputSize,
  };
  const isFile = (word: string): boolean => /[\\/]|\.safetensors$/.test(word);
  const words = positionals.flatMap((word) => (isFile(word) ? [word] : matchNetworks(word)));
  const data = await dataOf(values.annotations, values.images, number('people', isCount, 'a whole number from 1'), seeds[0]!); // prettier-ignore
  const { out: folder, resume, json, help: _, list: __, ...settings } = values;
  const finished = resume ? await finishedRows(folder, settings) : [];
  const engine = await useEngine(oneOf('compare', values.engine ?? 'auto', ENGINES, '--engine'));
  if (!values.json) io.warn(formatEngine(engine));
  const opened: Exclude<Compared, string>[] = [];
  try {
    const compared: Compared[] = [];
    for (const word of words) {
      if (!isFile(word)) compared.push(word);
      else {
        const one = { name: word, model: await loadPoseModelFile(word) };
        opened.push(one);
        compared.push(one);
      }
    }
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const view = data === undefined ? {} : { meanPose: meanPoseAccuracy(data) };
    const rows = await compareNetworks(compared, {
      ...given,
      seeds,
      finished,
      ...(data && { data }),
      onProgress: (name, done, total) => {
        if (!values.json) io.warn(`${done + 1} of ${total}: ${name}`);
      },
      onRow: async (done) => {
        if (folder !== undefined) await writeComparison(folder, settings, done, view);
      },
    });
    if (json) io.print(JSON.stringify(comparisonRecords(rows, view), null, 2));
    else {
      const { columns, rows: cells } = comparisonTable(rows, view);
      const named = cells.map((row) => Object.fromEntries(columns.map((column, c) => [column, String(row[c] ?? '-')])));
      io.print(formatReport({ comparison: named }, 'table'));
    }
    return 0;
  } finally {
    for (const { model } of opened) model.network.dispose();
  }
};

async function writeComparison(
  folder: string,
  settings: object,
  rows: readonly ComparisonRow[],
  view: ComparisonView,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'compare.csv'), `${comparisonCsv(rows, view)}\n`);
  if (canPlot(rows)) await writeFile(join(folder, 'compare.svg'), comparisonSvg(rows, view));
  await writeFile(join(folder, 'compare.html'), comparisonHtml(rows, view));
  await writeFile(join(folder, 'compare.json'), JSON.stringify({ settings, rows }, null, 2));
}

/** The rows of an interrupted comparison. @throws Error when there is none, or it had other options. */
async function finishedRows(folder: string | undefined, settings: object): Promise<readonly ComparisonRow[]> {
  const path = join(folder ?? '.', 'compare.json');
  if (folder === undefined) throw new Error('compare: --resume must have --out. Received: --resume alone.');
  const before = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as { readonly settings: Readonly<Record<string, unknown>>; readonly rows: readonly ComparisonRow[] }, // prettier-ignore
    (cause: unknown) => {
      throw new Error(`compare: --resume needs the file of an interrupted comparison. Received: ${path}, which cannot be read. Leave out --resume.`, { cause }); // prettier-ignore
    },
  );
  const now = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
  const other = [...new Set([...Object.keys(now), ...Object.keys(before.settings)])].find((name) => JSON.stringify(now[name]) !== JSON.stringify(before.settings[name])); // prettier-ignore
  if (other !== undefined)
    throw new Error(`compare: --resume must have the options of the interrupted comparison. Received: another --${other}. Leave out --resume, or give another --out.`); // prettier-ignore
  return before.rows;
}

async function dataOf(
  annotations: readonly string[],
  images: readonly string[],
  people: number | undefined,
  seed: number,
): Promise<ComparisonData | undefined> {
  if (annotations.length !== images.length)
    throw new Error(`compare: each --annotations must have its --images. Received: ${annotations.length} and ${images.length}.`); // prettier-ignore
  if (annotations.length > 0) {
    const { training: all, folder } = await readPeopleFiles(annotations.map((path, i) => ({ annotations: path, images: images[i]! }))); // prettier-ignore
    return divided(all, imageFolder(folder, { cache: 64 }));
  }
  if (people === undefined) return undefined;
  const drawn = syntheticPeople({ seed, count: people + Math.max(1, Math.round(people / 9)), people: [1, 1] });
  return divided(drawn, drawn.readImage);
}

function divided(dataset: PoseDataset, readImage: TopDownOptions['readImage']): ComparisonData {
  const { training, heldOut } = holdOut(dataset);
  return {
    training: { persons: training.persons, readImage },
    heldOut: { persons: heldOut.persons, readImage },
    keypointSet: dataset.keypointSet,
  };
}
