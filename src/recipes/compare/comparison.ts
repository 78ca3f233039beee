import { curvesSvg, type Table } from '../../visualize';
import type { ComparisonRow } from './compare';

/** Mean and standard deviation over the seeds. */
export function ofSeeds(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, deviation: values.length > 1 ? Math.sqrt(variance) : NaN };
}

/**
 * The comparison as records of numbers, for CSV and JSON.
 *
 * @example console.table(comparisonRecords(rows));
 */
export function comparisonRecords(
  rows: readonly ComparisonRow[],
): readonly Readonly<Record<string, string | number>>[] {
  const trained = rows.some(({ training }) => training !== undefined);
  const measured = rows.some(({ accuracy }) => accuracy !== undefined);
  const timed = rows.some(({ milliseconds }) => milliseconds !== undefined);
  return rows.map(
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
}

/**
 * The comparison as CSV, in plain numbers; unknown values are empty.
 *
 * @example await writeFile('comparison.csv', comparisonCsv(await compareNetworks(options)));
 */
export function comparisonCsv(rows: readonly ComparisonRow[]): string {
  const records = comparisonRecords(rows);
  const columns = Object.keys(records[0] ?? {});
  const cell = (value: string | number): string => (typeof value === 'number' && Number.isNaN(value) ? '' : String(value)); // prettier-ignore
  return [columns.join(','), ...records.map((record) => columns.map((column) => cell(record[column]!)).join(','))].join('\n'); // prettier-ignore
}

/**
 * The comparison as a table for reading: millions, megabytes, mean ± deviation over the seeds.
 *
 * @example const html = tableHtml(comparisonTable(rows));
 */
export function comparisonTable(rows: readonly ComparisonRow[]): Table {
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
  return { columns: columns.map(([name]) => name), rows: rows.map((row) => columns.map(([, of]) => of(row))) };
}

/**
 * Accuracy against cost: PCK against multiply–adds where networks were evaluated, otherwise milliseconds against multiply–adds.
 *
 * @throws RangeError when no row has both.
 * @example await writeFile('compare.svg', comparisonSvg(rows));
 */
export function comparisonSvg(rows: readonly ComparisonRow[]): string {
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
  const values = series.map(({ y }) => y[0]!);
  const [low, high] = [Math.min(...costs) / 1.3, Math.max(...costs) * 1.3];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max(most - least, 0.05 * Math.abs(most), 1e-3) * 0.15;
  return curvesSvg(series, {
    xLabel: 'multiply–adds, 10⁹',
    yLabel: measured ? 'PCK@0.2' : 'milliseconds',
    xScale: 'log',
    xRange: [low, high],
    yRange: [Math.max(0, least - margin), most + margin],
    size: [720, 420 + 18 * Math.ceil(series.length / 5)],
  });
}
