/**
 * What fewer bits cost: the shipped weights as 32-, 16- and 8-bit numbers in the file, and 16-bit integers in the 1 × 1 convolutions. The file's bytes, milliseconds
 * a person (batch 1, one thread, in turns) and PCK@0.2 of the torso on LSP-test, with the flip test:
 *
 *     npx tsx bench/inference/precision.ts [NAME: lpn-50-leeds] [ROUNDS: 5] [DATA: ../shared/data]
 *
 * Without the photographs, PCK is left out. CLOCK=cpu compares processor time, for a busy machine. Rows go to bench/results/precision.csv.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels } from 'poseblocks/engines/wasm';
import { compile, type CompiledNetwork, type Precision } from 'poseblocks/inference';
import { LSP, type Keypoints } from 'poseblocks/keypoints';
import { torsoPck } from 'poseblocks/metrics';
import { loadPoseModel, savePoseModel, type PoseModel } from 'poseblocks/models';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { testPeople } from '../../scripts/weights/people';
import { median, record, seconds } from '../measure';

const [name = 'lpn-50-leeds', rounds = '5', data = '../shared/data'] = process.argv.slice(2);
const WAYS = [
  { file: 'float32', arithmetic: 'float32' },
  { file: 'float16', arithmetic: 'float32' },
  { file: 'int8', arithmetic: 'float32' },
  { file: 'float16', arithmetic: 'int16' },
  { file: 'int8', arithmetic: 'int16' },
] as const;

await useEngine('wasm', { threads: 1 });
const shipped = await loadPoseModelFile(join('weights', `${name}.safetensors`));

interface Way {
  readonly file: 'float32' | 'float16' | 'int8';
  readonly arithmetic: Precision;
  readonly bytes: number;
  readonly model: PoseModel;
  readonly run: CompiledNetwork;
  readonly rounds: number[];
}
const ways: Way[] = [];
for (const { file, arithmetic } of WAYS) {
  const bytes = await savePoseModel(shipped, { dtype: file });
  const model = await loadPoseModel(bytes);
  const run = await compile(model, { precision: arithmetic });
  ways.push({ file, arithmetic, bytes: bytes.length, model, run, rounds: [] });
}

const [height, width, channels] = ways[0]!.run.inputShape as [number, number, number];
const image = tf.randomUniform([1, height, width, channels], -1, 1, 'float32', 1) as tf.Tensor4D;
const once = async (run: CompiledNetwork): Promise<void> => {
  const output = run(image) as tf.Tensor;
  await output.data();
  output.dispose();
};
for (const { run } of ways) for (let i = 0; i < 10; i++) await once(run);
for (let round = 0; round < Number(rounds); round++) {
  const times = ways.map((): number[] => []);
  for (let i = 0; i < 20; i++) {
    for (const [w, { run }] of ways.entries()) times[w]!.push(1000 * (await seconds(() => once(run))));
  }
  for (const [w, way] of ways.entries()) way.rounds.push(median(times[w]!));
}

for (const way of ways) {
  const row = {
    model: name,
    file: way.file,
    arithmetic: way.arithmetic,
    simd: describeWasmKernels().simd,
    bytes: way.bytes,
    ms: median(way.rounds).toFixed(2),
    pck: existsSync(join(data, 'lsp')) ? (await accuracy(way)).toFixed(4) : '',
  };
  console.log(row);
  record('precision', [row]);
}

/** PCK@0.2 of the torso, person-centric, on the people of LSP-test, as the model card has it. */
async function accuracy({ model: { codec }, run }: Way): Promise<number> {
  const found: Keypoints<'image'>[] = [];
  const truth: Keypoints<'image'>[] = [];
  for await (const { images, crops, samples } of topDown({ ...(await testPeople(data)), codec, batchSize: 32 })) {
    const output = tf.tidy(() => codec.mergeFlip(run(images) as tf.Tensor, run(tf.reverse(images, 2)) as tf.Tensor, LSP) as tf.Tensor); // prettier-ignore
    const decoded = await codec.decodeBatch(output);
    decoded.forEach((keypoints, n) => found.push(crops[n]!.toImage(keypoints)));
    truth.push(...samples.map(({ keypoints }) => keypoints));
    tf.dispose([images, output]);
  }
  return torsoPck(found, truth).mean;
}
