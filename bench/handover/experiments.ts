/**
 * What is too long for the tests of hand-overs: equal results of one, two and four processes in double precision, ten processes killed, networks of other
 * kinds taken over, and the rates of shards. Needs a Python with src/handover/python/requirements.txt and the folder of Leeds Sports Poses.
 *
 *     npx tsx bench/handover/experiments.ts equal|kills|takeover|shards LEEDS
 *
 * Adds lines to bench/results/handover.csv: experiment, what, figure, unit.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Person } from '../../src/datasets';
import { readLspFile } from '../../src/datasets/node';
import { useEngine } from '../../src/engines';
import { takeWeights, type HandoverModel } from '../../src/handover';
import { writeHandover, type WriteHandoverOptions } from '../../src/handover/node';
import { LSP } from '../../src/keypoints';
import { lpn } from '../../src/networks';
import { gaussianCodec } from '../../src/targets';
import { hourglassModel, lpnModel, simccModel } from '../../test/handover/models';
import { pythonJson, runPython, trainingPython } from '../../test/support/python';

const RESULTS = join(import.meta.dirname, '../results/handover.csv');
const HARNESS = join(import.meta.dirname, '../../test/handover/python/harness.py');
const [experiment = '', leeds = ''] = process.argv.slice(2);
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
): Promise<string> {
  // prettier-ignore
  const out = mkdtempSync(join(tmpdir(), 'poseblocks-handover-'));
  await writeHandover(model, {
    out,
    training: { persons: persons.slice(0, count), images },
    validation: { persons: persons.slice(1000, 1016), images },
    batchSize: 8,
    optimizer: { name: 'adam', rate: 1e-3 },
    schedule: { epochs: 20 },
    workers: 1,
    ...more,
  });
  return out;
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
  readonly equal: boolean;
}

/** Five steps in double precision on one, two and four processes. */
async function equal(): Promise<void> {
  const out = await handedOver(lpnModel(), 64, { optimizer: { name: 'adam', rate: 1e-6 } });
  const checkpoint = (processes: number): string => join(out, `run-${processes}`, 'checkpoint.npz');
  for (const processes of [1, 2, 4]) {
    const run = ['--out', join(out, `run-${processes}`), '--steps', '5'];
    const codes = await Promise.all((await start(processes, () => [HARNESS, out, 'float64', ...run])).map(ended));
    if (codes.some((code) => code !== 0)) throw new Error(`${processes} processes ended with ${codes}`);
    const { weights, losses } = await pythonJson<Comparison>(python!, [HARNESS, out, 'compare', checkpoint(1), checkpoint(processes)]); // prettier-ignore
    note(`LPN-50 at 64×64 in float64: ${processes} processes against 1: weights after 5 Adam steps at rate 1e-6`, weights, 'largest difference'); // prettier-ignore
    note(`LPN-50 at 64×64 in float64: ${processes} processes against 1: losses`, losses, 'largest difference');
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
  const out = await handedOver({ network, codec, keypointSet: LSP }, 64, { augmentation: {}, average: 0.99, schedule: { epochs: 6, stages: 2, restart: 3 } }); // prettier-ignore
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

/** Thirty steps, taken over, and both networks' outputs for the same images. */
async function takeover(): Promise<void> {
  const models = { 'LPN-50': lpnModel, 'stacked hourglass, two outputs': hourglassModel, 'SimpleBaseline-18 with SimCC': simccModel }; // prettier-ignore
  for (const [name, make] of Object.entries(models)) {
    const model = make([64, 64], LSP);
    const out = await handedOver(model, 64);
    const { code, errors } = await runPython(python!, [join(out, 'train.py'), '--steps', '30', '--log-every', '1']);
    if (code !== 0) throw new Error(errors);
    const last = join(out, 'run/last.keras');
    const shapes = await pythonJson<Record<string, number[]>>(python!, [HARNESS, out, 'predict', last, out]);
    await takeWeights(model.network, readFileSync(last));
    const read = (file: string): Float32Array => new Float32Array(new Uint8Array(readFileSync(join(out, `${file}.bin`))).buffer); // prettier-ignore
    const input = tf.tensor(read('images'), shapes['images']!);
    const outputs = [model.network.predict(input)].flat() as tf.Tensor[];
    for (const [i, output] of outputs.entries()) {
      const theirs = read(`output.${i}`);
      const ours = (await output.data()) as Float32Array;
      const mean = ours.reduce((sum, value) => sum + value, 0) / ours.length;
      const deviation = Math.sqrt(ours.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ours.length);
      const apart = ours.reduce((most, value, j) => Math.max(most, Math.abs(value - theirs[j]!)), 0);
      note(`${name}: output ${i} after 30 steps, ours against Keras'`, apart / deviation, 'σ of the output');
    }
    const log = readFileSync(join(out, 'run/log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind: string; loss: number }); // prettier-ignore
    const steps = log.filter(({ kind }) => kind === 'step');
    note(`${name}: loss of step 1`, steps[0]!.loss, '');
    note(`${name}: loss of step 30`, steps.at(-1)!.loss, '');
    tf.dispose([input, ...outputs]);
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
