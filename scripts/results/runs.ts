import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Figures } from './claims';

/** A figure of a run. */
export interface Row {
  readonly claim: string;
  readonly variant: string;
  readonly seed: number;
  readonly figure: string;
  readonly value: number;
}

const HEADER = 'claim,variant,seed,figure,value\n';

/** The lines of a CSV file by its columns, none where there is no file; no cell has a comma. */
export function readCsv(path: string): Readonly<Record<string, string>>[] {
  if (!existsSync(path)) return [];
  const [columns, ...lines] = readFileSync(path, 'utf8').trim().split('\n').map((line) => line.split(',')); // prettier-ignore
  return lines.map((cells) => Object.fromEntries(columns!.map((name, i) => [name, cells[i]!])));
}

export const readRows = (path: string): Row[] =>
  readCsv(path).map(({ claim, variant, seed, figure, value }) => {
    return { claim: claim!, variant: variant!, seed: Number(seed), figure: figure!, value: Number(value) };
  });

export function appendRun(path: string, run: Omit<Row, 'figure' | 'value'>, figures: Figures): void {
  if (!existsSync(path)) writeFileSync(path, HEADER);
  const lines = Object.entries(figures).map(
    ([figure, value]) => `${run.claim},${run.variant},${run.seed},${figure},${Number(value.toPrecision(6))}\n`,
  );
  appendFileSync(path, lines.join(''));
}

/** The values of a figure by seed. */
export function valuesBySeed(
  rows: readonly Row[],
  claim: string,
  variant: string,
  figure: string,
): ReadonlyMap<number, number> {
  const found = rows.filter((row) => row.claim === claim && row.variant === variant && row.figure === figure);
  return new Map(found.sort((a, b) => a.seed - b.seed).map(({ seed, value }) => [seed, value]));
}

/** The values of a figure over the seeds. */
export const valuesOf = (...args: Parameters<typeof valuesBySeed>): number[] => [...valuesBySeed(...args).values()];

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Sample standard deviation; NaN of fewer than two. */
export function spread(values: readonly number[]): number {
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1));
}
