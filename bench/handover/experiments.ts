/**
 * What is too long for the tests of hand-overs: equal results of one, two and four processes in double precision, ten processes killed, networks of other
 * kinds taken over, and the rates of shards. Needs a Python with src/handover/python/requirements.txt and the folder of Leeds Sports Poses.
 *
 *     npx tsx bench/handover/experiments.ts equal|kills|takeover|shards LEEDS [NAME of one network to take over]
 *
 * Adds lines to bench/results/handover.csv: experiment, what, figure, unit.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Person } from '../../src/datasets';
import { readLspFile } from '../../src/datasets/node';
import { useEngine } from '../../src/engines';
import type { HandoverModel, HandoverSettings } from '../../src/handover';
import { writeHandover, type WriteHandoverOptions } from '../../src/handover/node';
import { LSP } from '../../src/keypoints';
import { lpn } from '../../src/networks';
import { gaussianCodec } from '../../src/targets';
import { hourglassModel, lpnModel, simccModel } from '../../test/handover/models';
import { takenOver } from '../../test/handover/taken-over';
import { pythonJson, trainingPython } from '../../test/support/python';

const RESULTS = join(import.meta.dirname, '../results/handover.csv');
const HARNESS = join(import.meta.dirname, '../../test/handover/python/harness.py');
const [experiment = '', leeds = '', only = ''] = process.argv.slice(2);
const python = trainingPython();
if (python === undefined) throw new Error('no Python with keras, jax and numpy');
const { persons } = await readLspFile(join(leeds, 'joints.mat'));
const images = join(leeds, 'images');
await useEngine('wasm');

function note(what: string, figure: number, unit: string): void {
  if (!existsSync(RESULTS)) writeFileSync(RESULTS, 'experiment,what,figure,unit\n');
  appendFileSync(RESULTS, `${experiment},"${what}",${figure},${unit}\n`);
  console.log(what, figure, unit);
}

async function handedOver(
  model: HandoverModel,
  count: number,
  more: Partial<WriteHandoverOptions> = {},
): Promise<{ out: string; settings: HandoverSettings }> {
  const out = mkdtempSync(join(tmpdir(), 'poseblocks-handover-'));
  const { settings } = await writeHandover(model, {
    out,
    training: { persons: persons.slice(0, count), images },
    validation: { persons: persons.slice(1000, 1016), images },
    batchSize: 8,
    optimizer: { name: 'adam', rate: 1e-3 },
    schedule: { epochs: 20 },
    workers: 1,
    ...more,
  });
  return { out, settings };
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });

/** Starts the processes of a run, each on its own. */
async function start(processes: number, argsOf: (rank: number) => readonly string[]): Promise<ChildProcess[]> {
  const meeting = { WORLD_SIZE: `${processes}`, COORDINATOR: `127.0.0.1:${await freePort()}` };
  const cache = { JAX_COMPILATION_CACHE_DIR: join(tmpdir(), 'poseblocks-training/jax'), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS: '0.2' }; // prettier-ignore
  return Array.from({ length: processes }, (_, rank) =>
    spawn(python!, argsOf(rank), {
      stdio: ['ignore', 'inherit', 'ignore'],
      env: { ...process.env, JAX_PLATFORMS: 'cpu', ...cache, ...meeting, RANK: `${rank}` },
    }),
  );
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((done) => child.once('close', (code) => done(code)));

interface Comparison {
  readonly weights: number;
  readonly losses: number;
  readonly statistics: number;
  readonly equal: boolean;
  /** In double precision: the weights whose first gradient is far above Adam's epsilon, and how many of those with a gradient are not. */
  readonly farFromEpsilon?: number;
  readonly near?: number;
  readonly total?: number;
}

/** Five steps in double precision on one, two and four processes; and, as a control, on one from weights changed in the last bit. */
async function equal(): Promise<void> {
  const { out } = await handedOver(lpnModel(), 64, { optimizer: { name: 'adam', rate: 1e-6 } });
  const checkpoint = (name: string): string => join(out, name, 'checkpoint.npz');
  const runs = [
    ['one process', 1, 'float64'],
    ['one process, weights changed in the last bit', 1, 'nudged'],
    ['two processes', 2, 'float64'],
    ['four processes', 4, 'float64'],
  ] as const;
  for (const [name, processes, how] of runs) {
    const args = [HARNESS, out, how, '--out', join(out, name), '--steps', '5'];
    const codes = await Promise.all((await start(processes, () => args)).map(ended));
    if (codes.some((code) => code !== 0)) throw new Error(`${name} ended with ${codes}`);
    if (name === 'one process') continue;
    const compared = await pythonJson<Comparison>(python!, [HARNESS, out, 'compare', checkpoint('one process'), checkpoint(name)]); // prettier-ignore
    const { weights, statistics, losses, farFromEpsilon, near, total } = compared;
    const what = `LPN-50 at 64×64 in float64: ${name} against one`;
    note(`${what}: weights after 5 Adam steps at rate 1e-6`, weights, 'largest difference');
    note(`${what}: those whose first gradient exceeds 1e-6 (all but ${near} of ${total})`, farFromEpsilon!, 'largest difference'); // prettier-ignore
    note(`${what}: moving means and variances`, statistics, 'largest difference');
    note(`${what}: losses`, losses, 'largest difference');
  }
  rmSync(out, { recursive: true });
}

/** Where a process dies, and which: by itself at these places, and by chance between two steps. */
const DEATHS: readonly (readonly [phase: string, rank: number])[] = [
  ['start', 0],
  ['start', 1],
  ['connecting', 0],
  ['connecting', 1],
  ['connected', 0],
  ['connected', 1],
  ['compilation', 0],
  ['compilation', 1],
  ['step', 0],
  ['step', 1],
  ['any time', 0],
  ['checkpoint', 0],
  ['validation', 0],
  ['any time', 1],
  ['validation', 1],
  ['any time', 0],
  ['any time', 1],
  ['end', 0],
  ['end', 1],
];

/** A run of two processes without a launcher, one of which dies again and again, against one that nobody disturbs. */
async function kills(): Promise<void> {
  const network = lpn('lpn-50', { inputShape: [64, 64, 3], keypoints: LSP.names.length, depths: [1, 1, 1, 1], initialization: 'he' }); // prettier-ignore
  const codec = gaussianCodec({ inputSize: [64, 64], heatmapSize: [16, 16] });
  const { out } = await handedOver({ network, codec, keypointSet: LSP }, 64, { augmentation: {}, average: 0.99, schedule: { epochs: 6, stages: 2, restart: 3 } }); // prettier-ignore
  const options = (run: string): string[] => ['--save-every', '3', '--log-every', '1', '--out', join(out, run)];
  const run = (name: string) => start(2, () => [join(out, 'train.py'), ...options(name)]);
  const finish = async (name: string): Promise<void> => {
    const codes = await Promise.all((await run(name)).map(ended));
    if (codes.some((code) => code !== 0)) throw new Error(`the run ${name} ended with ${codes}`);
  };
  await finish('undisturbed');
  const steps = (): number => {
    const log = join(out, 'killed', 'log.jsonl');
    return existsSync(log) ? readFileSync(log, 'utf8').split('"kind":"step"').length - 1 : 0;
  };
  let longest = 0;
  for (const [i, [phase, rank]] of DEATHS.entries()) {
    const isRandom = phase === 'any time';
    const processes = isRandom
      ? await run('killed')
      : await start(2, (each) =>
          each === rank ? [HARNESS, out, 'die', phase, ...options('killed')] : [join(out, 'train.py'), ...options('killed')],
        ); // prettier-ignore
    const deaths = processes.map((process) => ended(process).then(() => performance.now()));
    if (isRandom) {
      const [begun, wanted] = [steps(), 1 + Math.floor(3 * Math.random())];
      while (steps() < begun + wanted) await new Promise((done) => setTimeout(done, 50));
      await new Promise((done) => setTimeout(done, 2000 * Math.random()));
      processes[rank]!.kill('SIGKILL');
    }
    const [first, second] = (await Promise.all(deaths)).toSorted((a, b) => a - b) as [number, number];
    if (processes[rank]!.signalCode !== 'SIGKILL') throw new Error(`rank ${rank} must be killed: ${phase}`);
    const other = processes[1 - rank]!;
    const seconds = Math.round((second - first) / 100) / 10;
    longest = Math.max(longest, seconds);
    note(`kill ${i + 1}: rank ${rank}, ${phase}, after step ${steps()}; the other ended by ${other.signalCode ?? `code ${other.exitCode}`}`, seconds, 's'); // prettier-ignore
  }
  await finish('killed');
  const files = ['undisturbed', 'killed'].map((name) => join(out, name, 'checkpoint.npz'));
  const comparison = await pythonJson<Comparison>(python!, [HARNESS, out, 'compare', ...files]);
  note(`${DEATHS.length} kills: longest time until the other had ended`, longest, 's');
  note(`arrays of the checkpoint after ${DEATHS.length} kills, bit-equal to the undisturbed run`, Number(comparison.equal), 'yes'); // prettier-ignore
  rmSync(out, { recursive: true });
  network.dispose();
}

/** Thirty steps, taken over: both networks' outputs for the same images, and the metrics of both by `poseblocks eval`. */
async function takeover(): Promise<void> {
  const models = { 'LPN-50': lpnModel, 'stacked hourglass, two outputs': hourglassModel, 'SimpleBaseline-18 with SimCC': simccModel }; // prettier-ignore
  for (const [name, make] of Object.entries(models)) {
    if (only !== '' && only !== name) continue;
    const model = make([64, 64], LSP);
    const { out, settings } = await handedOver(model, 64);
    model.network.dispose();
    const { shapes, epoch } = await pythonJson<{ shapes: Record<string, number[]>; epoch: { metrics: { PCK: number } } }>(python!, [HARNESS, out, 'trained', '32', out]); // prettier-ignore
    const heldOut = persons.slice(1000, 1016);
    const { apart, ours, theirs, validated } = await takenOver(out, settings, shapes, heldOut, LSP);
    for (const [i, sigmas] of apart.entries()) {
      note(`${name}: output ${i} after 32 steps, ours against Keras'`, sigmas, 'σ of the output');
    }
    note(`${name}: PCK and COCO's metrics by poseblocks eval, ours equal to Keras'`, Number(isDeepStrictEqual(ours, theirs)), 'yes'); // prettier-ignore
    note(`${name}: PCK@0.2 of the box, as train.py has logged it`, epoch.metrics.PCK, '');
    note(`${name}: the same of our network`, validated, '');
    rmSync(out, { recursive: true });
  }
}

/** How fast shards are written, and read in the order of an epoch. */
async function shards(): Promise<void> {
  const people: Person[] = persons.slice(0, 500);
  const network = lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: LSP.names.length, depths: [1, 1, 1, 1] });
  const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
  const out = mkdtempSync(join(tmpdir(), 'poseblocks-handover-'));
  for (const workers of [1, 2]) {
    rmSync(out, { recursive: true });
    const report = await writeHandover({ network, codec, keypointSet: LSP }, {
      out, training: { persons: people, images }, batchSize: 32, optimizer: { name: 'adam', rate: 1e-3 },
      schedule: { epochs: 1 }, augmentation: {}, workers,
    }); // prettier-ignore
    const machine = cpus()[0]!.model;
    note(`written by ${workers} workers, ${report.bytesPerPerson} bytes a person (${machine})`, Math.round(report.written / report.seconds), 'persons/s'); // prettier-ignore
  }
  const figures = await pythonJson<Record<string, number>>(python!, [HARNESS, out, 'rates']);
  for (const [what, figure] of Object.entries(figures))
    note(what, figure, what.endsWith('in persons') ? 'persons/s' : 's');
  rmSync(out, { recursive: true });
  network.dispose();
}

const known = { equal, kills, takeover, shards };
if (!Object.hasOwn(known, experiment)) throw new Error(`one of ${Object.keys(known).join(', ')}`);
await known[experiment as keyof typeof known]();
