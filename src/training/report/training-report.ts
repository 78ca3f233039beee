import type { KeypointSet } from '../../keypoints';
import { curvesSvg, heatmapGridSvg, htmlReport, imageDataUrl, poseSvg, type ReportSection } from '../../visualize';
import type { Fault } from '../guards/fault';
import type { LogRecord } from '../logs/log-record';
import type { EpochRecord } from '../schedules/schedule';
import type { ReviewedPerson } from './review-people';
import { trainingAdvice, type RunMetrics } from './training-advice';

/** The content of a run's report. */
export interface TrainingReportOptions extends RunMetrics {
  /** Of the page. */
  readonly title: string;
  /** Description of the run, one paragraph each. */
  readonly text?: readonly string[];
  /** Names and limbs. */
  readonly keypointSet: KeypointSet;
  /** The run's log, for the curves by step; without it the curves are by epoch only. */
  readonly log?: readonly LogRecord[];
  /** The faults that the guards found. */
  readonly faults?: readonly Fault[];
}

/**
 * A run as one self-contained HTML page: curves, a table of the keypoints, the best and worst held-out people with their predictions, heatmaps of the worst, the
 * guards' findings, and what to try next.
 *
 * @example await writeFile('report.html', trainingReport({ title: 'LPN-50', keypointSet: COCO, history, steps, batchSize: 32, people: 500, review, monitor: 'AP' }));
 */
export function trainingReport(options: TrainingReportOptions): string {
  const { title, text, review, keypointSet, faults = [] } = options;
  const sections: ReportSection[] = [
    { title: 'What to try next', text: trainingAdvice(options) },
    ...curveSections(options),
    {
      title: 'By keypoint',
      text: `${review.people === 1 ? '1 person' : `${review.people} people`} held out. Found: within 0.2 of the longer side of the person's box. Error: mean distance as a fraction of that side.`,
      tables: [
        {
          columns: ['keypoint', 'labelled', 'found', 'error'],
          rows: review.perKeypoint.map(({ name, labelled, found, error }) => [name, labelled, found, error]),
          digits: [0, 0, 3, 3],
        },
      ],
    },
    peopleSection('Worst', review.worst, keypointSet),
    peopleSection('Best', review.best, keypointSet),
    ...heatmapSection(review.worst[0], keypointSet),
    {
      title: 'Findings of the guards',
      text: faults.length === 0 ? 'None.' : faults.map(({ kind, epoch, step, message }) => `${kind}, epoch ${epoch + 1}, step ${step}: ${message}`), // prettier-ignore
    },
  ];
  return htmlReport({ title, ...(text && { text }), sections });
}

function curveSections({ history, log = [], monitor }: TrainingReportOptions): ReportSection[] {
  const steps = log.filter((record) => record.kind === 'step');
  const figures: { svg: string; caption: string }[] = [];
  const size = [500, 300] as const;
  if (steps.length > 1) {
    const x = steps.map(({ step }) => step);
    const isPositive = steps.every(({ loss }) => loss > 0);
    const loss = curvesSvg([{ name: 'loss', x, y: steps.map((record) => record.loss) }], { xLabel: 'step', smoothing: 0.9, size, ...(isPositive && { yScale: 'log' as const }) }); // prettier-ignore
    figures.push({ svg: loss, caption: 'Loss of training' });
    const rate = curvesSvg([{ name: 'rate', x, y: steps.map(({ learningRate }) => learningRate), steps: true }], { xLabel: 'step', size }); // prettier-ignore
    figures.push({ svg: rate, caption: 'Learning rate' });
  }
  const names = [...new Set(history.flatMap(({ metrics }) => Object.keys(metrics)))];
  const series = names.map((name) => {
    const known = history.filter(({ metrics }) => metrics[name] !== undefined);
    return { name, x: known.map(({ epoch }) => epoch + 1), y: known.map(({ metrics }) => metrics[name]!) };
  });
  if (series.some(({ y }) => y.length > 1)) {
    figures.push({ svg: curvesSvg(series, { xLabel: 'epoch', size }), caption: 'On the held-out people' });
  }
  const rows = history.map((record) => [record.epoch + 1, record.loss, ...names.map((name) => record.metrics[name])]);
  const best = bestOf(history, monitor);
  const text = best === undefined ? [] : [`Best ${monitor}: ${best.metrics[monitor]!.toFixed(3)} in epoch ${best.epoch + 1}.`]; // prettier-ignore
  const table = { columns: ['epoch', 'loss', ...names], rows, digits: [0, 6, ...names.map(() => 3)] };
  const few = rows.length <= 30 ? [table] : [{ ...table, rows: rows.slice(-30), caption: 'The last 30 epochs' }];
  return [{ title: 'Training', text, figures, tables: few }];
}

const bestOf = (history: readonly EpochRecord[], monitor: string): EpochRecord | undefined =>
  history
    .filter(({ metrics }) => Number.isFinite(metrics[monitor]))
    .sort((a, b) => b.metrics[monitor]! - a.metrics[monitor]! || b.epoch - a.epoch)[0]; // of equals the later, as `fit`

function peopleSection(title: string, people: readonly ReviewedPerson[], skeleton: KeypointSet): ReportSection {
  const figures = people.map((person) => {
    const { predicted, truth, size, sample, error, found } = person;
    const image = imageDataUrl(person.pixels, size);
    const poses = [
      { ...truth, kind: 'truth' as const, color: '#ffffff', thin: true },
      { ...predicted, kind: 'prediction' as const },
    ];
    const name = `${sample.fileName}, person ${sample.id}`;
    const svg = poseSvg(poses, { skeleton, size, image, height: 240, threshold: 0, colors: 'side', title: name });
    return { svg, caption: `${name}: error ${error.toFixed(3)}, ${Math.round(100 * found)} % found` };
  });
  return { title: `${title} people held out`, text: 'Annotated: white and thin. Predicted: in colour.', figures };
}

/** Heatmaps of the worst person, which show whether the network sees nothing, or two places. */
function heatmapSection(person: ReviewedPerson | undefined, { names }: KeypointSet): ReportSection[] {
  if (person?.heatmaps === undefined) return [];
  const image = imageDataUrl(person.pixels, person.size);
  const matched = person.heatmaps.shape[2] === names.length ? { names } : {};
  return [
    {
      title: 'Heatmaps of the worst',
      figures: [{ svg: heatmapGridSvg(person.heatmaps, { image, scale: 'each', ...matched }), caption: `${person.sample.fileName}, each on its own scale` }], // prettier-ignore
    },
  ];
}
