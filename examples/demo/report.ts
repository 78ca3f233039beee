import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainingReport, type EpochRecord, type LogRecord } from 'poseblocks/training';
import type { DemoData } from './data';
import type { Evaluation, Scores } from './evaluate';

export interface Run {
  readonly title: string;
  readonly text: readonly string[];
  readonly steps: number;
  readonly batchSize: number;
  readonly history: readonly EpochRecord[];
  readonly log: readonly LogRecord[];
  readonly evaluation: Evaluation;
}

/** Network and mean pose side by side. */
export function comparison({
  network,
  baseline,
}: Evaluation): Record<string, { network: number; 'mean pose': number }> {
  const row = (of: (scores: Scores) => number): { network: number; 'mean pose': number } => ({
    network: +of(network).toFixed(3),
    'mean pose': +of(baseline).toFixed(3),
  });
  return {
    'PCK@0.1': row(({ pck10 }) => pck10.mean),
    'PCK@0.2': row(({ pck20 }) => pck20.mean),
    AP: row(({ coco }) => coco.AP),
    AP50: row(({ coco }) => coco.AP50),
    AR: row(({ coco }) => coco.AR),
  };
}

/** Writes results, metrics and the page that shows them. Returns the page's path. */
export async function writeReport(out: string, run: Run, data: DemoData): Promise<string> {
  const { evaluation, history, ...rest } = run;
  const { network, review, results } = evaluation;
  await mkdir(out, { recursive: true });
  const json = (name: string, value: unknown): Promise<void> =>
    writeFile(join(out, name), `${JSON.stringify(value, null, 1)}\n`);
  await json('results.json', results);
  await json('metrics.json', network.coco);
  await json('pck.json', Object.fromEntries(data.keypointSet.names.map((name, k) => [name, network.pck20.perKeypoint[k]]))); // prettier-ignore
  await json('comparison.json', comparison(evaluation));
  const measured = history.map((record) => ({
    ...record,
    metrics: { 'PCK@0.1': network.pck10.mean, AP: network.coco.AP },
  }));
  const page = join(out, 'index.html');
  const people = data.training.length;
  await writeFile(
    page,
    trainingReport({ ...rest, history: measured, people, review, keypointSet: data.keypointSet, monitor: 'PCK@0.1' }),
  );
  return page;
}
