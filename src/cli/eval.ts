import { stat, writeFile } from 'node:fs/promises';
import { cocoAccumulatorToBytes, evaluateAccumulator, type CocoAccumulator, type CocoSummary } from '../metrics';
import { readAccumulatorFile, readCocoFiles } from '../metrics/node';
import { numberOption, readArguments } from './arguments';
import type { Command } from './command';
import { cocoOptions, shardOf } from './eval-options';
import { evalHtml } from './eval-html';
import { evalReport, reportMetrics } from './eval-report';
import { formats, formatReport } from './format';
import { oneOf } from './options';
import { progressBar } from './progress';

export const evalUsage: string = `poseblocks eval --annotations GT.json --results DT.json [options]
poseblocks eval merge SHARD … [options]

COCO keypoint evaluation, with pycocotools' figures. Files may be gzipped.

  --format table|json|csv   (default: table)
  --out FILE                write there; for a shard, the shard's file
  --html FILE               the same tables as a page, with the precision–recall curves
  --metric NAME             ${reportMetrics.join(', ')} (default: coco). All but coco look at the
                            detections that met a person at OKS 0.5
  --threshold T             of pck and pdj, and the end of auc (default: 0.2; auc 0.5)
  --normalizer UNIT         of pck, auc and nme: box (longer side), torso, the distance NAME,NAME of two
                            keypoints, or a number of pixels (default: box)
  --per-keypoint            a line for each keypoint
  --errors                  what the errors are, and the AP that each kind costs
  --sigmas NAME|S,S,…       coco, mpii, lsp, or numbers (default: coco)
  --max-dets N              detections looked at in each image (default: 20)
  --rescore T               scores × mean of the keypoints' scores above T
  --nms T, --soft-nms T     suppress duplicates by OKS
  --match-id-zero           count annotation 0 as a person, which pycocotools does not
  --shard I/N               read the I-th of N parts (0/N … N-1/N) and write it to --out
  --min NAME=FIGURE         exit code 1 when AP, AP50, AP75, APM, APL, AR … is lower; may be repeated
  --min-ap AP               the same as --min AP=…
  --quiet                   no progress bar`;

const SUMMARY = [
  'AP',
  'AP50',
  'AP75',
  'APM',
  'APL',
  'AR',
  'AR50',
  'AR75',
  'ARM',
  'ARL',
] as const satisfies (keyof CocoSummary)[];

/** The command `poseblocks eval`. */
export const evalCommand: Command = async (args, io) => {
  const { values, positionals } = readArguments(
    'eval',
    args,
    {
      annotations: { type: 'string' },
      results: { type: 'string' },
      format: { type: 'string', default: 'table' },
      out: { type: 'string' },
      html: { type: 'string' },
      metric: { type: 'string', default: 'coco' },
      threshold: { type: 'string' },
      normalizer: { type: 'string', default: 'box' },
      'per-keypoint': { type: 'boolean', default: false },
      errors: { type: 'boolean', default: false },
      sigmas: { type: 'string' },
      'max-dets': { type: 'string' },
      rescore: { type: 'string' },
      nms: { type: 'string' },
      'soft-nms': { type: 'string' },
      'match-id-zero': { type: 'boolean', default: false },
      shard: { type: 'string' },
      'min-ap': { type: 'string' },
      min: { type: 'string', multiple: true, default: [] },
      quiet: { type: 'boolean', default: false },
    },
    Infinity,
  );
  if (values.help) {
    io.print(evalUsage);
    return 0;
  }
  const format = values.json ? 'json' : oneOf('eval', values.format, formats, '--format');
  const metric = oneOf('eval', values.metric, reportMetrics, '--metric');
  const threshold = numberOption('eval', '--threshold', values.threshold, Number.isFinite, 'a number');
  const required = values.min.map(requirementOf);
  const minAp = numberOption('eval', '--min-ap', values['min-ap'], Number.isFinite, 'a number');
  if (minAp !== undefined) required.push(['AP', minAp]);
  const { shard, out } = values;
  if (shard !== undefined && out === undefined) throw new Error('eval: --shard needs --out, the file to write.');
  if (positionals.length > 0) refuseForShards(values);
  const accumulator = positionals.length > 0 ? await merged(positionals) : await read(values);
  if (shard !== undefined && out !== undefined) {
    await writeFile(out, cocoAccumulatorToBytes(accumulator));
    io.print(`${out}: ${accumulator.tables.detections.length} results of part ${shard}.`);
    return 0;
  }
  if (!accumulator.params.matchIdZero && accumulator.tables.people.ids.view().includes(0)) {
    io.warn('Annotation 0: pycocotools, and so these figures, take whoever meets it for wrong. See --match-id-zero.');
  }
  const evaluation = evaluateAccumulator(accumulator);
  const report = evalReport(evaluation, {
    metric,
    normalizer: values.normalizer,
    perKeypoint: values['per-keypoint'],
    errors: values.errors,
    ...(threshold === undefined ? {} : { threshold }),
  });
  const text = formatReport(report, format);
  if (out === undefined) io.print(text);
  else await writeFile(out, `${text}\n`);
  if (values.html !== undefined) await writeFile(values.html, evalHtml(evaluation, report));
  let missed = false;
  for (const [name, least] of required) {
    const value = evaluation.summary[name];
    if (value >= least) continue;
    io.warn(`${name} must be at least ${least}. Received: ${value}.`);
    missed = true;
  }
  return missed ? 1 : 0;
};

/** What a shard was read with is written in it: merging cannot change it any more. */
function refuseForShards(values: Readonly<Record<string, unknown>>): void {
  const fixed = [
    'annotations',
    'results',
    'shard',
    'sigmas',
    'max-dets',
    'rescore',
    'nms',
    'soft-nms',
    'match-id-zero',
  ];
  const given = fixed.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined) throw new Error(`eval merge: --${given} must be given where the shards are made.`);
}

async function mustBeFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new Error(`eval: ${path} must be a file of COCO's JSON, or that by gzip. Received: ${found ? 'a folder' : 'nothing there'}.`); // prettier-ignore
}

interface ReadValues {
  readonly annotations?: string | undefined;
  readonly results?: string | undefined;
  readonly shard?: string | undefined;
  readonly quiet: boolean;
}

async function read(values: ReadValues & Parameters<typeof cocoOptions>[0]): Promise<CocoAccumulator> {
  const { annotations, results } = values;
  if (annotations === undefined || results === undefined) {
    throw new Error(`eval: --annotations and --results must name files. Received: ${annotations ?? 'no annotations'}, ${results ?? 'no results'}. poseblocks eval --help lists the options.`); // prettier-ignore
  }
  const keepImage = values.shard === undefined ? undefined : shardOf(values.shard);
  for (const path of [annotations, results]) await mustBeFile(path);
  const bar = await progressBar('reading', values.quiet);
  try {
    const shard = keepImage ? { keepImage } : {};
    return await readCocoFiles({ annotations, results, ...shard, onProgress: bar.update }, cocoOptions(values));
  } finally {
    bar.stop();
  }
}

async function merged([word, ...files]: readonly string[]): Promise<CocoAccumulator> {
  if (word !== 'merge' || files.length === 0) {
    throw new Error(`eval: only "merge SHARD …" may stand without an option. Received: ${[word, ...files].join(' ')}.`);
  }
  const whole = await readAccumulatorFile(files[0]!);
  for (const file of files.slice(1)) whole.merge(await readAccumulatorFile(file));
  return whole;
}

/** `AP50=0.8` */
function requirementOf(text: string): [keyof CocoSummary, number] {
  const [, name = '', figure = ''] = /^([A-Za-z0-9]+)=(.+)$/.exec(text) ?? [];
  if (!(SUMMARY as readonly string[]).includes(name) || !Number.isFinite(Number(figure)))
    throw new Error(`eval: --min must be NAME=FIGURE with NAME one of ${SUMMARY.join(', ')}. Received: ${text}.`);
  return [name as keyof CocoSummary, Number(figure)];
}
