/**
 * What fewer bits cost: the shipped weights as 32-, 16- and 8-bit numbers in the file, and 16-bit integers in the 1 × 1 convolutions; the same weights exported to ONNX.
 * The file's bytes, milliseconds a person (batch 1, one thread, in turns) and PCK@0.2 of the torso on LSP-test, with the flip test:
 *
 *     npx tsx bench/inference/precision.ts [NAME: lpn-50-leeds] [ROUNDS: 5] [DATA: ../shared/data] [PEOPLE: 1000]
 *
 * Without the photographs, PCK is left out. CLOCK=cpu compares processor time, for a busy machine. Rows go to bench/results/precision.csv.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels } from 'poseblocks/engines/wasm';
import { compile, type Precision } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { LSP, type Keypoints } from 'poseblocks/keypoints';
import { torsoPck } from 'poseblocks/metrics';
import { loadPoseModel, savePoseModel } from 'poseblocks/models';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { testPeople } from '../../scripts/weights/people';
import { median, record, seconds } from '../measure';

const [name = 'lpn-50-leeds', rounds = '5', data = '../shared/data', people = '1000'] = process.argv.slice(2);
type FileType = 'float32' | 'float16' | 'int8';
const COMPILED: readonly (readonly [FileType, Precision])[] = [
  ['float32', 'float32'],
  ['float16', 'float32'],
  ['int8', 'float32'],
  ['float16', 'int16'],
  ['int8', 'int16'],
];
const EXPORTED: readonly FileType[] = ['float32', 'float16', 'int8'];

await useEngine('wasm', { threads: 1 });
ortWeb.env.wasm.numThreads = 1;
const shipped = await loadPoseModelFile(join('weights', `${name}.safetensors`));
const { codec } = shipped;
const hasPhotographs = existsSync(join(data, 'lsp'));

interface Way {
  readonly runtime: 'poseblocks' | 'onnxruntime-node' | 'onnxruntime-web';
  readonly file: FileType;
  readonly arithmetic: Precision;
  readonly bytes: number;
  /** The output, which belongs to the caller. */
  readonly run: (images: tf.Tensor4D) => Promise<tf.Tensor>;
  readonly rounds: number[];
}
const ways: Way[] = [];
for (const [file, arithmetic] of COMPILED) {
  const bytes = await savePoseModel(shipped, { dtype: file });
  const compiled = await compile(await loadPoseModel(bytes), { precision: arithmetic });
  const run = (images: tf.Tensor4D) => Promise.resolve(compiled(images) as tf.Tensor);
  ways.push({ runtime: 'poseblocks', file, arithmetic, bytes: bytes.length, run, rounds: [] });
}
for (const file of EXPORTED) {
  const bytes = await exportOnnx(shipped, { weights: file });
  const native = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const web = await ortWeb.InferenceSession.create(bytes);
  const common = { file, arithmetic: 'float32' as const, bytes: bytes.length };
  const onNative = (pixels: Float32Array, shape: number[]) =>
    native.run({ image: new ort.Tensor('float32', pixels, shape) });
  const onWeb = (pixels: Float32Array, shape: number[]) =>
    web.run({ image: new ortWeb.Tensor('float32', pixels, shape) });
  ways.push({ runtime: 'onnxruntime-node', ...common, run: asTensors(onNative), rounds: [] });
  ways.push({ runtime: 'onnxruntime-web', ...common, run: asTensors(onWeb), rounds: [] });
}

type Outputs = Readonly<Record<string, { readonly data: unknown; readonly dims: readonly number[] }>>;

/** A session's run, from tensor to tensor; it has one output. */
function asTensors(run: (pixels: Float32Array, shape: number[]) => Promise<Outputs>): Way['run'] {
  return async (images) => {
    const [output] = Object.values(await run((await images.data()) as Float32Array, images.shape));
    return tf.tensor(output!.data as Float32Array, [...output!.dims]);
  };
}

const [width, height] = codec.inputSize;
const image = tf.randomUniform([1, height, width, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
const once = async (run: Way['run']): Promise<void> => {
  const output = await run(image);
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

const pck = hasPhotographs ? await accuracy() : ways.map(() => '');
for (const [w, { runtime, file, arithmetic, bytes, rounds: taken }] of ways.entries()) {
  const simd = runtime === 'poseblocks' ? describeWasmKernels().simd : '';
  const row = { model: name, runtime, file, arithmetic, simd, bytes, ms: median(taken).toFixed(2), people: hasPhotographs ? people : 0, pck: pck[w]! }; // prettier-ignore
  console.log(row);
  record('precision', [row]);
}
process.exit();

/** PCK@0.2 of the torso, person-centric, of each way, on the people of LSP-test, as the model card has it. */
async function accuracy(): Promise<string[]> {
  const found = ways.map((): Keypoints<'image'>[] => []);
  const truth: Keypoints<'image'>[] = [];
  const test = await testPeople(data);
  const persons = test.persons.slice(0, Number(people));
  for await (const { images, crops, samples } of topDown({ ...test, persons, codec, batchSize: 25 })) {
    const mirrored = tf.reverse(images, 2);
    for (const [w, { run }] of ways.entries()) {
      const outputs = [await run(images), await run(mirrored)] as const;
      const merged = codec.mergeFlip(...outputs, LSP) as tf.Tensor;
      const decoded = await codec.decodeBatch(merged);
      decoded.forEach((keypoints, n) => found[w]!.push(crops[n]!.toImage(keypoints)));
      tf.dispose([...outputs, merged]);
    }
    truth.push(...samples.map(({ keypoints }) => keypoints));
    tf.dispose([images, mirrored]);
  }
  return found.map((each) => torsoPck(each, truth).mean.toFixed(4));
}
