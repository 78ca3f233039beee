import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** `wall` time, or the `cpu` time of the whole process, which other work on the machine hardly touches (one thread only). */
export type Clock = 'wall' | 'cpu';

export const clock: Clock = process.env['CLOCK'] === 'cpu' ? 'cpu' : 'wall';

/** Seconds that `run` takes. */
export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const now = (): number => {
    const { user, system } = process.cpuUsage();
    return clock === 'cpu' ? (user + system) / 1e6 : performance.now() / 1e3;
  };
  const start = now();
  await run();
  return now() - start;
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Whether AVX-512 is hidden from this process (`bench/inference/without-avx512.c`). */
const isNarrow = (process.env['LD_PRELOAD'] ?? '').includes('without-avx512');

/** Appends rows to bench/results/NAME.csv, each with the machine and the Node that it ran on. */
export function record(name: string, rows: readonly Record<string, string | number>[]): void {
  const file = new URL(`./results/${name}.csv`, import.meta.url);
  const machine = {
    machine: `${cpus()[0]!.model} × ${cpus().length}${isNarrow ? ', AVX2' : ''}`,
    node: process.version,
    clock,
  };
  const full = rows.map((row) => ({ ...machine, ...row }));
  if (!existsSync(file)) writeFileSync(file, `${Object.keys(full[0]!).join()}\n`);
  appendFileSync(file, full.map((row) => `${Object.values(row).join()}\n`).join(''));
}
