import type { EpochRecord } from '../../training';
import { curvesSvg, htmlReport, type ReportFigure, type Table } from '../../visualize';

/** One row of a paper's table and its reproduction. */
export interface Reproduction {
  readonly paper: string;
  /** The paper's name of the row. */
  readonly row: string;
  readonly metric: string;
  /** The paper's value in its metric; in percent, except for losses. */
  readonly reported: number;
  /** `'run'`: complete; `'stopped'`: ended early; or `'not run'`. */
  readonly state: 'run' | 'stopped' | 'not run';
  /** Our value after the last epoch, in the same metric. */
  readonly ours?: number;
  readonly epochs?: number;
  /** The paper's value. */
  readonly epochsOfPaper: number;
  /** `[width, height]`, pixels. */
  readonly inputSize?: readonly [width: number, height: number];
  readonly inputSizeOfPaper: readonly [width: number, height: number];
  readonly seed?: number;
  /** `'from scratch'`, or the initial weights. */
  readonly weights?: string;
  /** Gaussians of height 1 in place of the paper's, which shrink with the epoch. */
  readonly plain?: boolean;
  readonly hours?: number;
  /** The reason why it was not run, or another remark. */
  readonly note?: string;
  readonly history?: readonly EpochRecord[];
}

const COLUMNS = [
  'row',
  'paper',
  'here',
  'metric',
  'state',
  'epochs',
  'input',
  'began with',
  'targets',
  'seed',
  'hours',
];

/** A line of the table as text. */
function cells(r: Reproduction): string[] {
  const size = (of: readonly [number, number] | undefined): string => of?.join('×') ?? '–';
  const beside = (own: string, paper: string): string => (own === paper || own === '–' ? paper : `${own} of ${paper}`);
  const digits = r.metric === 'loss' ? 6 : 1;
  return [
    r.row,
    r.reported.toFixed(digits),
    r.ours?.toFixed(digits) ?? '–',
    r.metric,
    r.note === undefined ? r.state : `${r.state}: ${r.note}`,
    beside(String(r.epochs ?? '–'), String(r.epochsOfPaper)),
    beside(size(r.inputSize), size(r.inputSizeOfPaper)),
    r.weights ?? '–',
    r.state === 'not run' ? '–' : r.plain ? 'plain' : 'of the paper',
    String(r.seed ?? '–'),
    r.hours?.toFixed(2) ?? '–',
  ];
}

/**
 * The rows as a Markdown table, the paper's values beside ours.
 *
 * @example await writeFile('table.md', reproductionMarkdown(rows));
 */
export function reproductionMarkdown(rows: readonly Reproduction[]): string {
  const line = (of: readonly string[]): string => `| ${of.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(COLUMNS), line(COLUMNS.map(() => '---')), ...rows.map((row) => line(cells(row)))].join('\n');
}

/**
 * The rows as CSV, with a line of column names.
 *
 * @example await writeFile('table.csv', reproductionCsv(rows));
 */
export function reproductionCsv(rows: readonly Reproduction[]): string {
  const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [COLUMNS, ...rows.map(cells)].map((line) => line.map(quoted).join(',')).join('\n');
}

/**
 * The rows as one HTML page: the table, and the curves of the metrics after each epoch.
 *
 * @param paper its number, `'000'` to `'003'`
 * @example await writeFile('table.html', reproductionHtml('000', rows));
 */
export function reproductionHtml(paper: string, rows: readonly Reproduction[]): string {
  const table: Table = { columns: COLUMNS, rows: rows.map(cells) };
  const run = rows.filter(({ history }) => (history?.length ?? 0) > 1);
  const names = [...new Set(run.flatMap(({ history }) => Object.keys(history![0]!.metrics)))];
  const valueOf = (record: EpochRecord, name: string): number =>
    name === 'loss' ? record.loss : (record.metrics[name] ?? NaN);
  const figure = (name: string): ReportFigure => ({
    caption: name,
    svg: curvesSvg(
      run.map((r) => ({
        name: [r.row, r.plain && 'plain', r.seed].filter(Boolean).join(', '),
        x: r.history!.map(({ epoch }) => epoch + 1),
        y: r.history!.map((record) => valueOf(record, name)),
      })),
      { xLabel: 'epoch' },
    ),
  });
  const curves = { title: 'After each epoch', figures: run.length > 0 ? ['loss', ...names].map(figure) : [] };
  return htmlReport({
    title: `Paper ${paper}: its table, and ours`,
    sections: [{ title: 'Rows', tables: [table] }, ...(run.length > 0 ? [curves] : [])],
  });
}
