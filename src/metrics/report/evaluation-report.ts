import { knownOptions } from '../../bytes';
import type { KeypointSet } from '../../keypoints';
import {
  curvesSvg,
  htmlReport,
  poseSvg,
  type Pose,
  type ReportFigure,
  type ReportSection,
  type Table,
} from '../../visualize';
import { precisionRecall } from '../coco/curves';
import type { CocoEvaluation } from '../coco/evaluate-coco';
import { averagePrecision } from '../coco/summary';
import { cocoTable } from '../coco/table';
import type { PoseLike } from '../pose';
import { cocoWorst, type CocoWorst, type CocoWorstPerson } from '../coco/worst';

/** A picture of an evaluation's report. */
export interface ReportPicture {
  /** `[width, height]`, pixels. */
  readonly size: readonly [width: number, height: number];
  /** A part of the picture, `[x, y, width, height]` in whole pixels, as a URL or `data:` URL. */
  readonly part: (region: readonly [x: number, y: number, width: number, height: number]) => Promise<string>;
}

/** Options of {@link evaluationReport}. */
export interface EvaluationReportOptions {
  /** Names, limbs and flip pairs. */
  readonly keypointSet: KeypointSet;
  /** Tables by name, rows as records. @defaultValue COCO's ten metrics */
  readonly tables?: Readonly<Record<string, readonly Readonly<Record<string, string | number>>[]>>;
  /** Paragraphs at the top. */
  readonly text?: readonly string[];
  /** The picture of an image, for the worst people; undefined where there is none, which draws them on grey. @defaultValue no people are drawn */
  readonly picture?: (imageId: number) => Promise<ReportPicture | undefined>;
  /** Name of an image in captions. @defaultValue its id */
  readonly nameOf?: (imageId: number) => string | undefined;
  /** Number of people for each kind of error. @defaultValue 8 */
  readonly keep?: number;
}

const TITLES: Readonly<Record<string, string>> = {
  coco: 'COCO keypoint evaluation',
  keypoints: 'Per keypoint',
  errors: 'Errors and the AP that each kind costs',
};

const KINDS: Readonly<Record<CocoWorst['kind'], string>> = {
  jitter: 'Jitter: near the keypoint, and not on it',
  inversion: 'Inversion: on the same person’s other side',
  swap: 'Swap: on another person',
  miss: 'Miss: on none of these',
  missed: 'Missed people: no detection',
  spurious: 'Spurious detections: no person',
};

/**
 * An evaluation as one self-contained HTML page: its tables, a precision–recall curve for each threshold, and, with `picture`, the worst people of each kind of error.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does; whatever `picture` throws.
 * @example await writeFile('evaluation.html', await evaluationReport(evaluation, { keypointSet }));
 */
export async function evaluationReport(evaluation: CocoEvaluation, options: EvaluationReportOptions): Promise<string> {
  const { keypointSet, tables = { coco: cocoTable(evaluation).map((row) => ({ ...row })) }, text = [], picture } = knownOptions('evaluationReport', options ?? {}, ['keypointSet', 'tables', 'text', 'picture', 'nameOf', 'keep']); // prettier-ignore
  const { people, detections } = evaluation.accumulator.tables;
  const counts = `${detections.length} detections, ${people.length} annotated people, ${evaluation.grouping.images.length} images.`;
  const sections = Object.entries(tables)
    .filter(([, rows]) => rows.length > 0)
    .map(([name, rows]): ReportSection => ({ title: TITLES[name] ?? name.toUpperCase(), tables: [tableOf(rows)] }));
  const worst = picture === undefined ? [] : cocoWorst(evaluation, { set: keypointSet, ...(options.keep !== undefined && { keep: options.keep }) }); // prettier-ignore
  const drawn: ReportSection[] = [];
  for (const kind of worst) drawn.push(await peopleSection(kind, options));
  return htmlReport({
    title: 'Evaluation',
    text: [counts, ...text],
    sections: [...sections, ...curves(evaluation), ...drawn],
  });
}

/** −1 is COCO's mark of a metric without people. */
function tableOf(rows: readonly Readonly<Record<string, string | number>>[]): Table {
  const columns = Object.keys(rows[0]!);
  return { columns, rows: rows.map((row) => columns.map((column) => (row[column] === -1 ? 'none' : row[column]))) };
}

/** One small plot for each threshold, all with the same axes, so that ten curves do not cover each other. */
function curves(evaluation: CocoEvaluation): ReportSection[] {
  const figures = evaluation.params.thresholds.flatMap((threshold): ReportFigure[] => {
    const { recall, precision } = precisionRecall(evaluation, { threshold });
    if (recall.length === 0) return []; // no person counts
    const AP = averagePrecision(evaluation, { threshold });
    const svg = curvesSvg([{ name: 'precision', x: recall, y: precision, steps: true }], { xLabel: 'recall', xRange: [0, 1], yRange: [0, 1], size: [250, 200] }); // prettier-ignore
    return [{ svg, caption: `OKS ${threshold.toFixed(2)}: AP ${AP.toFixed(3)}` }];
  });
  return figures.length === 0 ? [] : [{ title: 'Precision over recall', figures }];
}

async function peopleSection(
  { kind, count, worst }: CocoWorst,
  options: EvaluationReportOptions,
): Promise<ReportSection> {
  const what = kind === 'spurious' ? 'detections' : 'people';
  const figures: ReportFigure[] = [];
  for (const person of worst) {
    figures.push(await figureOf(person, await options.picture!(person.imageId), options));
  }
  const shown = worst.length < count ? `The ${worst.length} worst of ${count} ${what}.` : `${count} ${count === 1 ? what.replace('people', 'person').replace('detections', 'detection') : what}.`; // prettier-ignore
  const legend = kind === 'missed' ? 'Annotated: white.' : kind === 'spurious' ? 'Predicted: in colour.' : 'Annotated: white and thin. Predicted: in colour.'; // prettier-ignore
  return { title: KINDS[kind], text: count === 0 ? 'None.' : `${shown} ${legend}`, figures };
}

async function figureOf(
  { imageId, annotationId, truth, predicted, box, oks, detectionScore, keypoints }: CocoWorstPerson,
  image: ReportPicture | undefined,
  { keypointSet, nameOf = () => undefined }: EvaluationReportOptions,
): Promise<ReportFigure> {
  const xy = [...(truth ? labelled(truth) : []), ...(predicted ? Array.from(predicted.xy) : [])];
  const view = viewOf(box, xy, image?.size);
  const moved = <P extends PoseLike>(pose: P): P => ({
    ...pose,
    xy: Array.from(pose.xy, (at, i) => at - view[i % 2]!),
  });
  const poses: Pose[] = [
    ...(truth ? [{ ...moved(truth), kind: 'truth' as const, color: '#ffffff', thin: predicted !== undefined }] : []),
    ...(predicted ? [{ ...moved(predicted), kind: 'prediction' as const }] : []),
  ];
  const name = nameOf(imageId) ?? `image ${imageId}`;
  const who = annotationId === undefined ? name : `${name}, annotation ${annotationId}`;
  const drawn = image === undefined ? GREY : await image.part(view);
  const svg = poseSvg(poses, { skeleton: keypointSet, size: [view[2], view[3]], image: drawn, height: 240, threshold: 0, colors: 'side', title: who }); // prettier-ignore
  const details = [
    ...(keypoints.length > 0 ? [keypoints.map((k) => keypointSet.names[k]).join(', ')] : []),
    ...(oks === undefined ? [] : [`OKS ${oks.toFixed(2)}`]),
    ...(detectionScore === undefined ? [] : [`score ${detectionScore.toFixed(2)}`]),
  ];
  return { svg, caption: [who, ...details].join('; ') };
}

/** One grey pixel, for people without their picture. */
const GREY = 'data:image/gif;base64,R0lGODdhAQABAIAAAICAgICAgCwAAAAAAQABAAACAkQBADs=';

const labelled = ({ xy, score }: { readonly xy: ArrayLike<number>; readonly score: ArrayLike<number> }): number[] =>
  Array.from(xy).filter((_, i) => score[i >> 1]! > 0);

/** The box and the keypoints near it, with a margin, in whole pixels inside the picture; at least 16 pixels and at most three boxes wide. */
function viewOf(
  [x, y, width, height]: readonly [number, number, number, number],
  xy: readonly number[],
  size: readonly [number, number] | undefined,
): [number, number, number, number] {
  const range = (from: number, length: number, at: number, limit: number): [number, number] => {
    const most = Math.max(length, 16);
    const near = xy.filter((value, i) => i % 2 === at && value >= from - most && value <= from + length + most);
    const margin = 0.15 * most;
    const low = Math.max(0, Math.floor(Math.min(from, ...near) - margin));
    const high = Math.min(limit, Math.ceil(Math.max(from + length, ...near) + margin));
    return high - low >= 16 ? [low, high - low] : [Math.max(0, Math.min(low, limit - 16)), Math.min(16, limit)];
  };
  const [left, wide] = range(x, width, 0, size?.[0] ?? Infinity);
  const [top, high] = range(y, height, 1, size?.[1] ?? Infinity);
  return [left, top, wide, high];
}
