/**
 * Our evaluation beside pycocotools and faster-coco-eval, in turns, on generated people:
 *
 *     PYTHON=/path/to/venv/bin/python npx tsx bench/metrics/coco.ts      (a Python where both are installed)
 *
 * Peers time evaluate + accumulate + summarize on loaded objects; ours includes reading the records. Medians and ratios
 * go to bench/results/coco.csv.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { evaluateCoco } from 'poseblocks/metrics';
import { crowd } from './crowd';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const python = process.env['PYTHON'] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
const { dataset, results } = crowd({ images: 5000, people: 10_000, detections: 48_000 });
writeFileSync(join(folder, 'gt.json'), JSON.stringify({ info: {}, ...dataset }));
writeFileSync(join(folder, 'dt.json'), JSON.stringify(results));

interface Turn {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpu: number;
  readonly stats: readonly number[];
}

async function peer(name: string): Promise<{ run: () => Promise<Turn>; stop: () => void } | null> {
  const script = new URL('./coco_peer.py', import.meta.url).pathname;
  const child = spawn(python, [script, name, join(folder, 'gt.json'), join(folder, 'dt.json')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') return null;
  return {
    run: async () => {
      child.stdin.write('\n');
      return JSON.parse((await lines.next()).value as string) as Turn;
    },
    stop: () => child.stdin.end(),
  };
}

function ours(): Promise<Turn> {
  const start = performance.now();
  const used = process.cpuUsage();
  const summary = evaluateCoco(results, dataset);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  return Promise.resolve({ seconds, cpu: (user + system) / 1e6, stats: Object.values(summary) as number[] });
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const peers = [];
for (const name of ['pycocotools', 'faster-coco-eval']) {
  const started = await peer(name);
  if (started) peers.push({ name, ...started, turns: [] as Turn[] });
  else console.error(`${name} is not installed for ${python}: left out.`);
}
const own: Turn[] = [];
const stats = (await ours()).stats; // warms up
for (let round = 0; round < rounds; round++) {
  for (const entry of peers) {
    const turn = await entry.run();
    turn.stats.forEach((value, i) => {
      if (Math.abs(value - stats[i]!) > 1e-9) throw new Error(`${entry.name} gives ${turn.stats}, ours ${stats}.`);
    });
    entry.turns.push(turn);
    own.push(await ours());
  }
}
peers.forEach(({ stop }) => stop());
rmSync(folder, { recursive: true });
const rows = [{ name: 'poseblocks', turns: own }, ...peers].map(({ name, turns }) => ({
  name,
  seconds: median(turns.map((turn) => turn.seconds)),
  cpu: median(turns.map((turn) => turn.cpu)),
}));
const [base] = rows;
const csv = [
  'machine,images,people,detections,rounds,evaluator,median seconds,times ours,median processor seconds,times ours',
  ...rows.map(({ name, seconds, cpu }) =>
    [
      ...[`"${cpus()[0]!.model.trim()}"`, 5000, 10_000, 48_000, rounds, name],
      ...[seconds.toFixed(4), (seconds / base!.seconds).toFixed(1), cpu.toFixed(4), (cpu / base!.cpu).toFixed(1)],
    ].join(','),
  ),
];
writeFileSync(new URL('../results/coco.csv', import.meta.url), `${csv.join('\n')}\n`);
console.log(csv.join('\n'));
