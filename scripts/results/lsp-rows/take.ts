/**
 * Evaluates what train_rows.py has trained, in the paper's metric and in PCK@0.2 of the torso, and writes the results into docs/leeds.json (rows), docs/leeds-rows.csv (their
 * epochs) and docs/leeds-ablation.csv.
 *
 *   python scripts/results/lsp-rows/restore.py out/lsp-rows out/lsp-rows/runs out/lsp-rows/keras
 *   npx tsx scripts/results/lsp-rows/take.ts --data ../shared/data --runs out/lsp-rows/runs --keras out/lsp-rows/keras --machine "one NVIDIA H100" --reproduced out/lsp-rows/scaled --reproduced out/lsp-rows/plain
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { topDown, wholeImageCrop, type Person } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { takeWeights } from 'poseblocks/handover';
import { LSP, type Keypoints } from 'poseblocks/keypoints';
import { BatchPckAccumulator, torsoPck } from 'poseblocks/metrics';
import { dark, quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import { rowOf, type RecipeName, type Reproduction } from 'poseblocks/recipes';
import { epochScale, gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import { bothWays } from '../../weights/both-ways';
import { testPeople } from '../../weights/people';
import { readNpz } from './npz';
import { LEEDS_RUNS, type LeedsRun } from './runs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    runs: { type: 'string', default: 'out/lsp-rows/runs' },
    keras: { type: 'string', default: 'out/lsp-rows/keras' },
    machine: { type: 'string', default: 'one accelerator' },
    rows: { type: 'boolean', default: false },
    /** Folders that `poseblocks reproduce 000 --weights` of backbone.ts has written. */
    reproduced: { type: 'string', multiple: true, default: [] },
  },
});
const BATCH = 32;
const test = await testPeople(values.data);
const crop = wholeImageCrop({ fit: 'stretch' });

interface About {
  readonly seconds: number;
  readonly history: readonly { epoch: number; step: number; loss: number; learningRate: number; peak?: number }[];
}

/** Predicted and target cells of one epoch → the paper's PCK. */
function batchPck(cells: Uint16Array, codec: HeatmapCodec, target: readonly Keypoints<'input'>[]): number {
  const [width] = codec.heatmapSize;
  const K = LSP.names.length;
  const predicted = target.map((_, n): Keypoints<'input'> => {
    const xy = Float32Array.from({ length: 2 * K }, (__, i) => {
      const cell = cells[n * K + (i >> 1)]!;
      return i % 2 === 0 ? cell % width : Math.floor(cell / width);
    });
    return { frame: 'input', xy, score: new Float32Array(K).fill(1) };
  });
  const accumulator = new BatchPckAccumulator({ heatmapSize: codec.heatmapSize });
  for (let from = 0; from < target.length; from += BATCH)
    accumulator.add(predicted.slice(from, from + BATCH), target.slice(from, from + BATCH));
  return accumulator.metrics().mean;
}

/** The cells of the maxima of the targets. */
async function targetCells(codec: HeatmapCodec): Promise<Keypoints<'input'>[]> {
  const inputs = test.persons.map((person: Person) => crop(person, codec.inputSize).toInput(person.keypoints));
  const { target, weights } = codec.encodeBatch(inputs);
  const [width, height] = codec.heatmapSize;
  const flat = tf.reshape(target as tf.Tensor4D, [inputs.length, width * height, LSP.names.length]);
  const cells = await tf.argMax(flat, 1).data();
  const labelled = await (weights as tf.Tensor).data();
  tf.dispose([target, weights, flat]);
  const K = LSP.names.length;
  return inputs.map((_, n) => ({
    frame: 'input',
    xy: Float32Array.from({ length: 2 * K }, (__, i) => {
      const [cell, known] = [cells[n * K + (i >> 1)]!, labelled[n * K + (i >> 1)]! > 0];
      return !known ? 0 : i % 2 === 0 ? cell % width : Math.floor(cell / width);
    }),
    score: Float32Array.from({ length: K }, (__, k) => (labelled[n * K + k]! > 0 ? 1 : 0)),
  }));
}

const targets = new Map<string, Promise<Keypoints<'input'>[]>>();
/** {@link targetCells}, once for all rows with the same maps. */
function targetsOf(codec: HeatmapCodec): Promise<Keypoints<'input'>[]> {
  const key = JSON.stringify(codec);
  if (!targets.has(key)) targets.set(key, targetCells(codec));
  return targets.get(key)!;
}

/** A row of the paper as `poseblocks reproduce` would write it. */
async function reproduction(run: LeedsRun, row: string, until = Infinity): Promise<Reproduction | undefined> {
  const path = join(values.runs, `${run.name}.npz`);
  if (!existsSync(path)) return undefined;
  const arrays = readNpz(readFileSync(path));
  const about = JSON.parse(new TextDecoder().decode(arrays.get('about'))) as About;
  const codec = run.codec as HeatmapCodec;
  const target = await targetsOf(codec);
  const factor = run.settings.epochScale ? epochScale(run.settings.epochScale) : () => 1;
  const history = about.history
    .filter(({ epoch }) => epoch <= until)
    .map(({ epoch, peak, step, loss, learningRate }) => {
      const cells = arrays.get(`cells:${epoch}`) as Uint16Array | undefined;
      const height = factor(epoch - 1);
      const metrics: Record<string, number> = cells
        ? { PCK: batchPck(cells, codec, target), peak: peak! / height }
        : {};
      return { epoch: epoch - 1, step, loss, learningRate, metrics };
    });
  const last = history.at(-1)!;
  return {
    ...rowOf(`lsp-${row}` as RecipeName),
    state: 'run',
    ours: 100 * last.metrics['PCK']!,
    epochs: history.length,
    inputSize: codec.inputSize,
    seed: run.seed,
    weights: run.from === undefined ? 'from scratch' : 'backbone trained on LSPET',
    plain: run.settings.epochScale === undefined,
    hours: about.seconds / 3600,
    history,
  };
}

async function rows(): Promise<Reproduction[]> {
  const found: Reproduction[] = [];
  for (const run of LEEDS_RUNS) {
    const [name, side] = run.name.split('_') as [string, string];
    if (!run.name.includes('_') || run.weights) continue;
    const one = await reproduction(run, name);
    if (!one) continue;
    // The base network at 128×128 is a row of its own.
    if (name === 'base' && side === '128') {
      found.push({ ...one, note: 'the same run as 128x128' }, { ...one, ...rowOf('lsp-128x128'), state: 'run' });
    } else found.push(one);
    if (name === 'shuffle') {
      const half = await reproduction(run, 'shuffle10', 10);
      if (half) found.push(half);
    }
  }
  return [...found, ...values.reproduced.flatMap(reproducedRows)];
}

/** Rows that `poseblocks reproduce` has trained here; `shuffle10` is `shuffle` after ten epochs. */
function reproducedRows(folder: string): Reproduction[] {
  const files = readdirSync(folder).map((name) => join(folder, name, 'row.json'));
  return files.filter(existsSync).flatMap((file) => {
    const row = JSON.parse(readFileSync(file, 'utf8')) as Reproduction;
    const one = { ...row, weights: 'backbone trained on LSPET', note: 'on two cores, without Python' };
    if (row.row !== 'shuffle') return [one];
    const history = row.history!.slice(0, 10);
    return [one, { ...one, ...rowOf('lsp-shuffle10'), state: 'run' as const, history, epochs: 10, hours: row.hours! / 2, ours: 100 * history.at(-1)!.metrics['PCK']! }]; // prettier-ignore
  });
}

const DECODERS: Readonly<Record<string, Parameters<typeof gaussianCodec>[0]['refine']>> = {
  dark,
  argmax: undefined,
  'quarter offset': quarterOffset,
  ...Object.fromEntries([1, 10, 20, 40, 80, 120, 160, 200].map((beta) => [`β = ${beta}`, softArgmaxDecoder({ beta })])),
};

/** PCK@0.2 of the torso of one network with each decoder, with and without the flip test. */
async function decoded(run: LeedsRun, kind: 'last' | 'mean'): Promise<string[]> {
  const path = join(values.keras, `${run.name}.${kind}.keras`);
  if (!existsSync(path)) return [];
  const network = run.network();
  await takeWeights(network, readFileSync(path));
  const base = run.codec as HeatmapCodec;
  const { inputSize, heatmapSize } = base;
  const { sigma, center, align } = base.toJSON() as { sigma: number; center: 'exact' | 'rounded'; align: 'centers' };
  const codecs = Object.fromEntries(
    Object.entries(DECODERS).map(([name, refine]) => {
      return [name, gaussianCodec({ inputSize, heatmapSize, sigma, center, align, ...(refine && { refine }) })];
    }),
  );
  const batches = topDown({ ...test, codec: base, batchSize: BATCH, crop });
  const { truth, plain, flipped } = await bothWays((images) => network.predict(images) as tf.Tensor4D, batches, codecs);
  network.dispose();
  const [variant] = run.name.split('_');
  return Object.keys(codecs).flatMap((name) =>
    [plain[name]!, flipped[name]!].map(
      (predicted, flip) =>
        `${variant},${run.seed},${kind},${flip},${name},${torsoPck(predicted, truth).mean.toFixed(5)}`,
    ),
  );
}

console.log(await useEngine('wasm').then(({ name }) => name));
const leeds = JSON.parse(readFileSync('docs/leeds.json', 'utf8')) as Record<string, unknown>;
const found = await rows();
const withoutHistory = found.map(({ history: _, ...row }) => row);
writeFileSync('docs/leeds.json', `${JSON.stringify({ ...leeds, machine: values.machine, rows: withoutHistory }, null, 2)}\n`); // prettier-ignore
const epochs = found.flatMap(({ row, inputSize, plain, seed, weights, history }) =>
  history!.map(
    ({ epoch, loss, metrics }) =>
    [row, inputSize![0], plain ? 'plain' : 'scaled', seed, weights, epoch + 1, loss.toPrecision(6), metrics['PCK']?.toFixed(4), metrics['peak']?.toFixed(4)].join(), // prettier-ignore
  ),
);
writeFileSync('docs/leeds-rows.csv', `row,side,targets,seed,weights,epoch,loss,PCK,peak\n${epochs.join('\n')}\n`);
if (!values.rows) {
  const lines = ['variant,seed,weights,flip,decoder,PCK@0.2'];
  for (const run of LEEDS_RUNS.filter(({ weights }) => weights))
    for (const kind of run.group === 'reference' ? (['mean', 'last'] as const) : (['mean'] as const)) {
      lines.push(...(await decoded(run, kind)));
      console.log(run.name, kind, lines.at(-1));
      writeFileSync('docs/leeds-ablation.csv', `${lines.join('\n')}\n`);
    }
}
