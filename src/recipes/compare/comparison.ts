import { curvesSvg, htmlReport, type Table } from '../../visualize';
import type { MeasuredAccuracy } from './brief-training';
import type { ComparisonRow } from './compare';

/** Mean and standard deviation over the seeds. */
export function ofSeeds(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, deviation: values.length > 1 ? Math.sqrt(variance) : NaN };
}

/** Options of tables and plots of a comparison. */
export interface ComparisonView {
  /** Accuracy of the mean pose, from `meanPoseAccuracy`: a row, or a line of the plot. @defaultValue none */
  readonly meanPose?: MeasuredAccuracy;
}

const MEAN_POSE = 'mean pose';

/**
 * The comparison as records of numbers, for CSV and JSON. The record of the mean pose has its accuracy only.
 *
 * @example console.table(comparisonRecords(rows));
 */
export function comparisonRecords(
  rows: readonly ComparisonRow[],
  { meanPose }: ComparisonView = {},
): readonly Readonly<Record<string, string | number>>[] {
  const trained = rows.some(({ training }) => training !== undefined);
  const measured = rows.some(({ accuracy }) => accuracy !== undefined);
  const timed = rows.some(({ milliseconds }) => milliseconds !== undefined);
  const records = rows.map(
    ({ name, inputSize, keypoints, parameters, multiplyAdds, memory, milliseconds, accuracy, training }) => {
      const metric = (key: 'PCK' | 'AP') => ofSeeds((accuracy ?? []).map((each) => each[key]));
      const [PCK, AP] = [metric('PCK'), metric('AP')];
      return {
        name,
        input: inputSize.join('x'),
        keypoints,
        parameters,
        multiplyAdds: multiplyAdds ?? NaN,
        memoryInference: memory.inference,
        memoryTraining: memory.training,
        ...(timed && { milliseconds: milliseconds ?? NaN }),
        ...(measured && { seeds: accuracy?.length ?? 0, PCK: PCK.mean, deviationPCK: PCK.deviation, AP: AP.mean, deviationAP: AP.deviation }), // prettier-ignore
        ...(trained && {
          startLoss: ofSeeds((training ?? []).map(({ start }) => start)).mean,
          loss: ofSeeds((training ?? []).map(({ loss }) => loss)).mean,
          rates: [...new Set((training ?? []).map(({ rate }) => rate))].join(' '),
        }),
      };
    },
  );
  return meanPose === undefined || !measured ? records : [...records, { name: MEAN_POSE, ...meanPose }];
}

/**
 * The comparison as CSV, in plain numbers; unknown values are empty.
 *
 * @example await writeFile('comparison.csv', comparisonCsv(await compareNetworks(options)));
 */
export function comparisonCsv(rows: readonly ComparisonRow[], view: ComparisonView = {}): string {
  const records = comparisonRecords(rows, view);
  const columns = Object.keys(records[0] ?? {});
  const cell = (value: string | number | undefined): string => (value === undefined || Number.isNaN(value) ? '' : String(value)); // prettier-ignore
  return [columns.join(','), ...records.map((record) => columns.map((column) => cell(record[column])).join(','))].join('\n'); // prettier-ignore
}

/**
 * The comparison as a table for reading: millions, megabytes, mean ± deviation over the seeds.
 *
 * @example const html = tableHtml(comparisonTable(rows));
 */
export function comparisonTable(rows: readonly ComparisonRow[], { meanPose }: ComparisonView = {}): Table {
  const has = (key: 'milliseconds' | 'accuracy' | 'training'): boolean => rows.some((row) => row[key] !== undefined);
  const share = (values: readonly number[] | undefined): string => {
    if (values === undefined || values.length === 0) return '-';
    const { mean, deviation } = ofSeeds(values);
    return Number.isNaN(deviation) ? mean.toFixed(3) : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
  };
  const columns = [
    ['network', ({ name }: ComparisonRow) => name],
    ['input', ({ inputSize }: ComparisonRow) => inputSize.join('x')],
    ['parameters, M', ({ parameters }: ComparisonRow) => (parameters / 1e6).toFixed(2)],
    ['multiply–adds, G', ({ multiplyAdds }: ComparisonRow) => multiplyAdds === undefined ? '-' : (multiplyAdds / 1e9).toFixed(3)], // prettier-ignore
    ['maps, MB', ({ memory }: ComparisonRow) => (memory.inference / 1e6).toFixed(1)],
    ['maps of a step, MB', ({ memory }: ComparisonRow) => (memory.training / 1e6).toFixed(1)],
    ...(has('milliseconds') ? [['ms', ({ milliseconds }: ComparisonRow) => milliseconds?.toFixed(1) ?? '-'] as const] : []), // prettier-ignore
    ...(has('training') ? [['start', ({ training }: ComparisonRow) => share(training?.map(({ start }) => start))] as const] : []), // prettier-ignore
    ...(has('accuracy')
      ? ([
          ['PCK@0.2', ({ accuracy }: ComparisonRow) => share(accuracy?.map(({ PCK }) => PCK))],
          ['AP', ({ accuracy }: ComparisonRow) => share(accuracy?.map(({ AP }) => AP))],
        ] as const)
      : []),
  ] as const;
  const names = columns.map(([name]) => name);
  const cells = rows.map((row) => columns.map(([, of]) => of(row)));
  if (meanPose !== undefined && has('accuracy')) {
    const known: Readonly<Record<string, string>> = { network: MEAN_POSE, 'PCK@0.2': meanPose.PCK.toFixed(3), AP: meanPose.AP.toFixed(3) }; // prettier-ignore
    cells.push(names.map((name) => known[name] ?? '-'));
  }
  return { columns: names, rows: cells };
}

/**
 * Accuracy against cost: PCK against multiply–adds where networks were evaluated, otherwise milliseconds against multiply–adds.
 *
 * @throws RangeError when no row has both.
 * @example await writeFile('compare.svg', comparisonSvg(rows));
 */
export function comparisonSvg(rows: readonly ComparisonRow[], { meanPose }: ComparisonView = {}): string {
  const measured = rows.some(({ accuracy }) => (accuracy?.length ?? 0) > 0);
  const height = ({ accuracy, milliseconds }: ComparisonRow): number | undefined =>
    measured ? accuracy && ofSeeds(accuracy.map(({ PCK }) => PCK)).mean : milliseconds;
  const series = rows.flatMap((row) => {
    const y = height(row);
    return y === undefined || row.multiplyAdds === undefined ? [] : [{ name: row.name, x: [row.multiplyAdds / 1e9], y: [y], dots: true }]; // prettier-ignore
  });
  if (series.length === 0)
    throw new RangeError(
      'comparisonSvg: a row must have multiply–adds, and accuracy or time. Received: none with both.',
    );
  const costs = series.map(({ x }) => x[0]!);
  const values = [...series.map(({ y }) => y[0]!), ...(measured && meanPose ? [meanPose.PCK] : [])];
  const [low, high] = [Math.min(...costs) / 1.3, Math.max(...costs) * 1.3];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max(most - least, 0.05 * Math.abs(most), 1e-3) * 0.15;
  const line =
    measured && meanPose ? [{ name: MEAN_POSE, x: [low, high], y: [meanPose.PCK, meanPose.PCK], dots: false }] : [];
  return curvesSvg([...series, ...line], {
    xLabel: 'multiply–adds, 10⁹',
    yLabel: measured ? 'PCK@0.2' : 'milliseconds',
    xScale: 'log',
    xRange: [low, high],
    yRange: [Math.max(0, least - margin), most + margin],
    size: [560, 380 + 18 * Math.ceil(series.length / 4)],
  });
}

/** @internal Whether a row has both cost and accuracy or time, without which {@link comparisonSvg} has nothing to show. */
export function canPlot(rows: readonly ComparisonRow[]): boolean {
  return rows.some((row) => row.multiplyAdds !== undefined && (row.accuracy ?? row.milliseconds) !== undefined);
}

/**
 * The comparison as one self-contained HTML page: the table, and the plot where there is something to plot.
 *
 * @example await writeFile('compare.html', comparisonHtml(await compareNetworks(['lpn-50-gc', 'lpn-50-none'])));
 */
export function comparisonHtml(rows: readonly ComparisonRow[], view: ComparisonView = {}): string {
  const plotted = canPlot(rows);
  const measured = rows.some(({ accuracy }) => accuracy !== undefined);
  const seeds = Math.max(0, ...rows.map(({ accuracy }) => accuracy?.length ?? 0));
  const text = [
    ...(measured ? ['PCK@0.2: fraction of keypoints within 0.2 of the longer side of the box. AP: of COCO, with given boxes.'] : []), // prettier-ignore
    ...(seeds > 1 ? [`Mean ± standard deviation over ${seeds} seeds.`] : []),
    ...(rows.some(({ training }) => training)
      ? ['start: loss of the first step divided by that of an empty map.']
      : []),
  ];
  const title = measured ? 'Accuracy over multiply–adds' : 'Time over multiply–adds';
  return htmlReport({
    title: 'Comparison of networks',
    text,
    sections: [
      { title: 'Networks', tables: [comparisonTable(rows, view)] },
      ...(plotted ? [{ title, figures: [comparisonSvg(rows, view)] }] : []),
    ],
  });
}
