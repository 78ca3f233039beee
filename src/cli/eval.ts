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

COCO keypoint evaluation, with pycocotools' metrics, for any skeleton: names and flip pairs are those of the
annotations' category. Annotations: COCO (may be gzipped), MPII, or joints.mat of Leeds Sports Poses.

  --format table|json|csv   (default: table)
  --out FILE                write there; for a shard, the shard's file
  --html FILE               the same tables as a page, with the precision–recall curves
  --images DIR              folder of the pictures: the page shows the worst people of each kind of error
  --result-images FILE      images.json beside the results of predict: finds their images by name, not by id
  --metric NAME             ${reportMetrics.join(', ')} (default: coco)
                            pckh: by the head, in percent; lsp: by the torso, the person's and the observer's sides
  --of met|all              people whose distances count: those that a detection met at OKS 0.5, or all, of whom
                            those without a detection are wrong (default: met; of pckh and lsp, all)
  --threshold T             of pck, pdj, pckh and lsp, and the end of auc (default: 0.2; pckh and auc 0.5)
  --normalizer UNIT         of pck, auc and nme: box (longer side), torso, the distance NAME,NAME of two
                            keypoints, or a number of pixels (default: box)
  --per-keypoint            a line for each keypoint
  --errors                  what the errors are, and the AP that each kind costs
  --sigmas NAME|S,S,…|FILE  coco, mpii, lsp, numbers, or the same people annotated again, from which they are
                            estimated (default: by the keypoints' names; 0.05 each for a skeleton of your own)
  --box-areas               0.53 of the box as a person's area, for annotations without areas
  --max-dets N              detections looked at in each image (default: 20)
  --rescore T               scores × mean of the keypoints' scores above T
  --nms T, --soft-nms T     suppress duplicates by OKS
  --match-id-zero           count annotation 0 as a person, which pycocotools does not
  --shard I/N               read the I-th of N parts (0/N … N-1/N) and write it to --out
  --min NAME=FIGURE         exit code 1 when AP, AP50 … ARL, or PCK, PCKh, PCK-OC, PDJ, AUC of --metric, is lower
  --max NAME=FIGURE         exit code 1 when EPE or NME is higher; both may be repeated
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
    io.warn('Annotation 0: pycocotools, and so these figures, take whoever meets it for wrong. See --match-id-zero.');
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

/** What a shard was read with is written in it: merging cannot change it any more. */
function refuseForShards(values: Readonly<Record<string, unknown>>): void {
  const fixed = ['annotations', 'results', 'shard', 'sigmas', 'max-dets', 'rescore', 'nms', 'soft-nms', 'match-id-zero', 'box-areas', 'result-images']; // prettier-ignore
  const given = fixed.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined) throw new Error(`eval merge: --${given} must be given where the shards are made.`);
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

/** Shards hold neither names nor pictures: keypoints are those of their number's known set. */
async function merged([word, ...files]: readonly string[]): Promise<ReadEvaluation> {
  if (word !== 'merge' || files.length === 0) {
    throw new Error(`eval: only "merge SHARD …" may stand without an option. Received: ${[word, ...files].join(' ')}.`);
  }
  const accumulator: CocoAccumulator = await readAccumulatorFile(files[0]!);
  for (const file of files.slice(1)) accumulator.merge(await readAccumulatorFile(file));
  const { sigmas } = accumulator.params;
  const { keypointSet } = await evaluationSet('', { keypoints: sigmas.length, images: new Map() }, sigmas);
  return { accumulator, keypointSet, sigmasFrom: '', images: new Map(), headSizes: new Map() };
}
