import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Conformance, KernelResult } from './run';

export interface EngineReport {
  readonly device: string;
  readonly runtime: string;
  readonly kernels: Conformance;
}
export type Reports = Record<string, EngineReport>;

/** The docs' table as data: the engines tested now replace their former columns, the others stay. */
export function mergeReports(path: string, tested: Reports): Reports {
  const former = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Reports) : {};
  const merged = { ...former, ...tested };
  const round = (key: string, value: unknown): unknown =>
    key === 'worst' ? Number((value as number).toPrecision(2)) : value;
  const text = JSON.stringify(merged, round, 2);
  writeFileSync(path, `${text}\n`);
  return merged;
}

/** Kernels down, engines across: the worst relative error, or what went wrong. */
export function formatTable(reports: Reports): string {
  const engines = Object.keys(reports);
  const kernels = [...new Set(engines.flatMap((engine) => Object.keys(reports[engine]!.kernels)))].sort();
  const rows = kernels.map((kernel) => [kernel, ...engines.map((engine) => cell(reports[engine]!.kernels[kernel]))]);
  const table = [['kernel', ...engines], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((text, column) => text.padEnd(widths[column]!)).join('  ')).join('\n');
}

function cell(result: KernelResult | undefined): string {
  if (result === undefined) return '';
  if (result.error !== undefined) return 'fails';
  return result.worst === 0 ? 'exact' : result.worst.toExponential(0);
}
