import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recipesOf, reproductionMarkdown, rowOf, type Reproduction } from 'poseblocks/recipes';
import type { WeightsMetrics } from '../weights/measure';
import { figureTables } from '../weights/tables';
import { ablation, paperClaims } from './leeds-claims';

/** docs/leeds.json: what was run on Leeds Sports Poses; docs/leeds-rows.csv has the epochs of its rows. */
interface LeedsRuns {
  /** Rows of paper 000 that were run, as `poseblocks reproduce` writes them (`row.json`). */
  readonly rows: readonly Reproduction[];
  /** Why the others were not. */
  readonly notRun: string;
  /** After each epoch of the shipped weights' training: PCK@0.2 of the averaged weights, without the flip test. */
  readonly curves: Readonly<
    Record<
      string,
      readonly { readonly epoch: number; readonly loss?: number; readonly PCK: number; readonly people: number }[]
    >
  >;
  readonly text: Readonly<Record<'curves' | 'people' | 'paper000' | 'ablation' | 'open', readonly string[]>>;
}

const read = <T>(path: string): T | undefined => {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
};

/** The part of docs/results.md on real photographs. */
export function leedsReport(): string {
  const runs = read<LeedsRuns>('docs/leeds.json');
  const figures = read<Record<string, WeightsMetrics>>('weights/figures.json');
  if (runs === undefined || figures === undefined) return '';
  const rows = recipesOf('000').flatMap((name): Reproduction[] => {
    const run = runs.rows.filter(({ row }) => row === rowOf(name).row);
    return run.length > 0 ? run : [{ ...rowOf(name), note: runs.notRun }];
  });
  const curves = Object.entries(runs.curves).map(([name, epochs]) =>
    [
      `| ${[`\`${name}\`, epoch`, ...epochs.map(({ epoch }) => epoch)].join(' | ')} |`,
      `| ${['---', ...epochs.map(() => '---')].join(' | ')} |`,
      `| ${['training loss, 10⁻³', ...epochs.map(({ loss }) => (loss === undefined ? '–' : (1000 * loss).toFixed(3)))].join(' | ')} |`,
      `| ${['PCK@0.2', ...epochs.map(({ PCK }) => PCK.toFixed(3))].join(' | ')} |`,
      `| ${['people measured', ...epochs.map(({ people }) => people)].join(' | ')} |`,
    ].join('\n'),
  );
  return [
    '# Leeds Sports Poses',
    'The shipped weights (`weights/`) on photographs, evaluated by `npx tsx scripts/weights/evaluate.ts`. The model cards (`weights/README.md`) explain the rows.',
    ...Object.entries(figures).flatMap(([name, figure]) => [`## ${name}`, figureTables(figure)]),
    '## The best, the median and the worst people',
    ...runs.text.people,
    '## Learning curves of the shipped weights',
    ...runs.text.curves,
    ...curves,
    "## Paper 000's table, on its own data",
    ...runs.text.paper000,
    reproductionMarkdown(rows),
    ...paperClaims(),
    '## What each part brings, on photographs',
    ...runs.text.ablation,
    ...ablation(),
    '## Not measured',
    ...runs.text.open,
  ].join('\n\n');
}
