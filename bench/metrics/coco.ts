/**
 * Our evaluation beside pycocotools and faster-coco-eval, in turns, on generated people:
 *
 *     PYTHON=/path/to/venv/bin/python npx tsx bench/metrics/coco.ts      (a Python where both are installed)
 *
 * Spans, the same for all:
 * - `evaluate`: from records that are loaded (`COCO` and `loadRes`; ours: an accumulator that holds them) to the ten figures:
 *   evaluate + accumulate + summarize; ours `evaluateAccumulator`.
 * - `files`: from the two JSON files to the ten figures.
 *
 * and two of ours, beside the peers' `evaluate`: `records`, `evaluateCoco` on parsed JSON, which checks and copies every
 * record; `first`, the first `evaluate` of a process, while it is still being compiled. The others come after ten runs.
 *
 * Medians of wall and processor time go to bench/results/coco.csv.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CocoAccumulator,
  evaluateAccumulator,
  evaluateCoco,
  type CocoDataset,
  type CocoResult,
} from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';
import { median } from '../measure';
import { crowd } from './crowd';

interface Time {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpu: number;
}
interface Turn {
  readonly spans: Readonly<Record<string, Time>>;
  readonly stats: readonly number[];
}

const rounds = Number(process.env['ROUNDS'] ?? 5);
const python = process.env['PYTHON'] ?? 'python3';
const self = fileURLToPath(import.meta.url);
const size = { images: 5000, people: 10_000, detections: 48_000 };

async function timed<T>(run: () => T | Promise<T>): Promise<[T, Time]> {
  const start = performance.now();
  const used = process.cpuUsage();
  const out = await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  return [out, { seconds, cpu: (user + system) / 1e6 }];
}

const parsed = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const loaded = (gt: string, dt: string): CocoAccumulator =>
  new CocoAccumulator().addAnnotations(parsed<CocoDataset>(gt)).addResults(parsed<CocoResult[]>(dt));

if (process.argv[2] === 'first') {
  const accumulator = loaded(process.argv[3]!, process.argv[4]!);
  console.log(JSON.stringify((await timed(() => evaluateAccumulator(accumulator)))[1]));
} else await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
  const [gt, dt] = [join(folder, 'gt.json'), join(folder, 'dt.json')];
  try {
    const { dataset, results } = crowd(size);
    writeFileSync(gt, JSON.stringify({ info: {}, ...dataset }));
    writeFileSync(dt, JSON.stringify(results));
    report(await measure(gt, dt));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ours(gt: string, dt: string): Promise<Turn> {
  const [fromFiles, files] = await timed(async () =>
    evaluateAccumulator(await readCocoFiles({ annotations: gt, results: dt })),
  );
  const [, evaluate] = await timed(() => evaluateAccumulator(fromFiles.accumulator));
  const [dataset, results] = [parsed<CocoDataset>(gt), parsed<CocoResult[]>(dt)];
  const [summary, records] = await timed(() => evaluateCoco(results, dataset));
  const first = JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, self, 'first', gt, dt], { encoding: 'utf8' }),
  ) as Time;
  return { spans: { evaluate, files, records, first }, stats: Object.values(summary) as number[] };
}

interface Peer {
  readonly name: string;
  readonly run: () => Promise<Turn>;
  readonly stop: () => void;
}

async function startPeer(name: string, gt: string, dt: string): Promise<Peer | null> {
  const script = new URL('./coco_peer.py', import.meta.url).pathname;
  const child = spawn(python, [script, name, gt, dt], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') {
    console.error(`${name} is not installed for ${python}: left out.`);
    return null;
  }
  const run = async (): Promise<Turn> => {
    child.stdin.write('\n');
    const turn = JSON.parse((await lines.next()).value as string) as Record<'read' | 'evaluate', Time> & Turn;
    const { read, evaluate, stats } = turn;
    const files = { seconds: read.seconds + evaluate.seconds, cpu: read.cpu + evaluate.cpu };
    return { spans: { evaluate, files }, stats };
  };
  return { name, run, stop: () => child.stdin.end() };
}

async function measure(gt: string, dt: string): Promise<Map<string, Turn[]>> {
  const started = [await startPeer('pycocotools', gt, dt), await startPeer('faster-coco-eval', gt, dt)];
  const peers = started.filter((peer) => peer !== null);
  const turns = new Map<string, Turn[]>(['poseblocks', ...peers.map(({ name }) => name)].map((name) => [name, []]));
  for (let i = 0; i < 10; i++) evaluateAccumulator(loaded(gt, dt)); // compiles; `first` shows what that costs
  const { stats } = await ours(gt, dt);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { name, run } of peers) {
        const turn = await run();
        if (turn.stats.some((value, i) => !(Math.abs(value - stats[i]!) < 1e-12))) {
          throw new Error(`${name} gives ${turn.stats}, ours ${stats}.`);
        }
        turns.get(name)!.push(turn);
        turns.get('poseblocks')!.push(await ours(gt, dt));
      }
    }
  } finally {
    peers.forEach(({ stop }) => stop());
  }
  return turns;
}

function report(turns: Map<string, Turn[]>): void {
  const of = (name: string, span: string): Time => {
    const times = turns.get(name)!.map(({ spans }) => spans[span]!);
    return { seconds: median(times.map((t) => t.seconds)), cpu: median(times.map((t) => t.cpu)) };
  };
  const machine = [`"${cpus()[0]!.model.trim()} × ${cpus().length}"`, process.version, ...Object.values(size), rounds];
  const lines = [
    'machine,node,images,people,detections,rounds,span,evaluator,wall s,processor s,wall ours ×,processor ours ×',
  ];
  for (const span of ['evaluate', 'files', 'records', 'first']) {
    const own = of('poseblocks', span);
    for (const name of turns.keys()) {
      const { seconds, cpu } = of(name, name === 'poseblocks' || span === 'files' ? span : 'evaluate');
      const ratios = [(seconds / own.seconds).toFixed(1), (cpu / own.cpu).toFixed(1)];
      lines.push([...machine, span, name, seconds.toFixed(4), cpu.toFixed(4), ...ratios].join(','));
    }
  }
  writeFileSync(new URL('../results/coco.csv', import.meta.url), `${lines.join('\n')}\n`);
  console.log(lines.join('\n'));
}
