import { writeFile } from 'node:fs/promises';
import { readEvaluationFiles, type ReadEvaluation } from '../datasets/node';
import { cocoAccumulatorToBytes, evaluateAccumulator, evaluationReport, type CocoAccumulator } from '../metrics';
import { evaluationSet, readAccumulatorFile } from '../metrics/node';
import { numberOption, readArguments } from './arguments';
import type { Command } from './command';
import { cocoOptions, missedBound, mustBeFile, mustBeMeasured, requirementOf, shardOf, sigmasOf } from './eval-options';
import { picturesFrom } from './eval-pictures';
import { evalReport, reportMetrics } from './eval-report';
import { formats, formatReport } from './format';
import { oneOf } from './options';
import { progressBar } from './progress';

export const evalUsage: string = `poseblocks eval --annotations GT.json --results DT.json [options]
poseblocks eval merge SHARD … [options]

COCO keypoint evaluation for any skeleton; the metrics equal those of pycocotools. Keypoint names and flip pairs are those of the
annotations' category. Annotations: COCO (may be gzipped), MPII, or joints.mat of Leeds Sports Poses.

  --format table|json|csv   output format (default: table)
  --out FILE                write the output to this file; with --shard, the shard's data
  --html FILE               write an HTML page with the tables and the precision-recall curves
  --images DIR              folder of the images, so that the page shows the worst people of each kind of error
  --result-images FILE      images.json beside the results of predict, to match images by name, not by id
  --metric NAME             ${reportMetrics.join(', ')} (default: coco)
                            pckh: relative to the head, in percent; lsp: relative to the torso, with person-centric and observer-centric sides
  --of met|all              people whose distances count: those that a detection matches at OKS 0.5, or all, where people
                            without a detection count as wrong (default: met; pckh and lsp: all)
  --threshold T             threshold of pck, pdj, pckh and lsp; upper end of auc (default: 0.2; pckh and auc: 0.5)
  --normalizer UNIT         unit of pck, auc and nme: box (its longer side), torso, NAME,NAME (the distance between two
                            keypoints), or a number of pixels (default: box)
  --per-keypoint            also print one row per keypoint
  --errors                  also print the kinds of errors and the AP that each costs
  --sigmas NAME|S,S,…|FILE  OKS sigmas: those of coco, mpii or lsp, numbers, or a file with the same people annotated again, from which
                            they are estimated (default: by keypoint names; 0.05 each for a custom skeleton)
  --box-areas               use 0.53 of the box as a person's area, for annotations without areas
  --max-dets N              maximum number of detections evaluated per image (default: 20)
  --rescore T               multiply scores by the mean of the keypoint scores above T
  --nms T, --soft-nms T     suppress duplicate detections by OKS
  --match-id-zero           evaluate the annotation with id 0 correctly, which pycocotools does not
  --shard I/N               read part I of N (0/N … N-1/N) and write its data to --out
  --min NAME=VALUE          exit code 1 if AP, AP50 … ARL, or PCK, PCKh, PCK-OC, PDJ, AUC of --metric, is lower
  --max NAME=VALUE          exit code 1 if EPE or NME is higher; both may be repeated
  --min-ap AP               the same as --min AP=…
  --quiet                   no progress bar`;

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
      images: { type: 'string' },
      'result-images': { type: 'string' },
      of: { type: 'string' },
      'box-areas': { type: 'boolean', default: false },
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
      max: { type: 'string', multiple: true, default: [] },
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
  const of = values.of === undefined ? undefined : oneOf('eval', values.of, ['met', 'all'] as const, '--of');
  const minAp = numberOption('eval', '--min-ap', values['min-ap'], Number.isFinite, 'a number');
  const bounds = [
    ...values.min.map((text) => requirementOf(text, true)),
    ...values.max.map((text) => requirementOf(text, false)),
    ...(minAp === undefined ? [] : [{ name: 'AP', bound: minAp, isLeast: true }]),
  ];
  for (const bound of bounds) mustBeMeasured(bound, metric);
  const { shard, out } = values;
  if (shard !== undefined && out === undefined) throw new Error('eval: --shard needs --out, the file to write.');
  if (values.images !== undefined && values.html === undefined)
    throw new Error(`eval: --images must go with --html, the page that shows the pictures. Received: --images ${values.images}.`); // prettier-ignore
  if (positionals.length > 0) refuseForShards(values);
  const read = positionals.length > 0 ? await merged(positionals) : await readFiles(values);
  const { accumulator } = read;
  if (shard !== undefined && out !== undefined) {
    await writeFile(out, cocoAccumulatorToBytes(accumulator));
    const { length } = accumulator.tables.detections;
    io.print(values.json ? JSON.stringify({ shard, file: out, results: length }) : `${out}: ${length} results of part ${shard}.`); // prettier-ignore
    return 0;
  }
  if (!accumulator.params.matchIdZero && accumulator.tables.people.ids.view().includes(0)) {
    io.warn(
      'The annotations have id 0. pycocotools, and therefore this evaluation, counts a detection that matches it as wrong. See --match-id-zero.',
    );
  }
  const evaluation = evaluateAccumulator(accumulator);
  const { report, summary, notes } = evalReport(evaluation, read, {
    metric,
    normalizer: values.normalizer,
    perKeypoint: values['per-keypoint'],
    errors: values.errors,
    ...(of && { of }),
    ...(threshold === undefined ? {} : { threshold }),
  });
  const said = [read.sigmasFrom, ...notes].filter((note) => note !== STANDARD && note !== '');
  for (const note of said) io.warn(note);
  const text = format === 'json' ? JSON.stringify({ summary, ...report }, null, 2) : formatReport(report, format);
  if (out === undefined) io.print(text);
  else await writeFile(out, `${text}\n`);
  if (values.html !== undefined) {
    const { images } = values;
    const page = await evaluationReport(evaluation, {
      keypointSet: read.keypointSet,
      tables: report,
      text: [read.sigmasFrom, ...notes].filter((note) => note !== ''),
      nameOf: (id) => read.images.get(id),
      ...(images !== undefined && { picture: picturesFrom(images, read.images, io.warn) }),
    });
    await writeFile(values.html, page);
  }
  const missed = bounds.flatMap((bound) => missedBound(bound, summary) ?? []);
  for (const line of missed) io.warn(line);
  return missed.length > 0 ? 1 : 0;
};

/** Not worth a line. */
const STANDARD = 'Sigmas: those of COCO.';

/** A shard's file contains the options it was read with; merging cannot change them. */
function refuseForShards(values: Readonly<Record<string, unknown>>): void {
  const fixed = ['annotations', 'results', 'shard', 'sigmas', 'max-dets', 'rescore', 'nms', 'soft-nms', 'match-id-zero', 'box-areas', 'result-images']; // prettier-ignore
  const given = fixed.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined)
    throw new Error(`eval merge: --${given} must be given when the shards are written, not when they are merged.`);
}

interface ReadValues {
  readonly annotations?: string | undefined;
  readonly results?: string | undefined;
  readonly 'result-images'?: string | undefined;
  readonly shard?: string | undefined;
  readonly quiet: boolean;
}

async function readFiles(values: ReadValues & Parameters<typeof cocoOptions>[0]): Promise<ReadEvaluation> {
  const { annotations, results, 'result-images': resultImages, sigmas } = values;
  if (annotations === undefined || results === undefined) {
    throw new Error(`eval: --annotations and --results must name files. Received: ${annotations ?? 'no annotations'}, ${results ?? 'no results'}. poseblocks eval --help lists the options.`); // prettier-ignore
  }
  const keepImage = values.shard === undefined ? undefined : shardOf(values.shard);
  const asked = sigmas === undefined ? undefined : sigmasOf(sigmas);
  await mustBeFile('--annotations', annotations);
  await mustBeFile('--results', results);
  if (resultImages !== undefined) await mustBeFile('--result-images', resultImages);
  const bar = await progressBar('reading', values.quiet);
  try {
    return await readEvaluationFiles(annotations, results, {
      ...cocoOptions(values),
      onProgress: bar.update,
      ...(keepImage && { keepImage }),
      ...(asked && { sigmas: asked }),
      ...(resultImages !== undefined && { resultImages }),
    });
  } finally {
    bar.stop();
  }
}

/** Shards contain neither names nor images; the keypoint set is the known one with their number of keypoints. */
async function merged([word, ...files]: readonly string[]): Promise<ReadEvaluation> {
  if (word !== 'merge' || files.length === 0) {
    throw new Error(
      `eval: arguments without an option must be "merge SHARD …". Received: ${[word, ...files].join(' ')}.`,
    );
  }
  const accumulator: CocoAccumulator = await readAccumulatorFile(files[0]!);
  for (const file of files.slice(1)) accumulator.merge(await readAccumulatorFile(file));
  const { sigmas } = accumulator.params;
  const { keypointSet } = await evaluationSet('', { keypoints: sigmas.length, images: new Map() }, sigmas);
  return { accumulator, keypointSet, sigmasFrom: '', images: new Map(), headSizes: new Map() };
}
