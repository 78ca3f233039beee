/**
 * LPN-50 (256×192, batch 1) by `LayersModel.predict` on an engine, beside ONNX Runtime on the same network, call by call:
 *
 *     MODEL=path/to/lpn50.onnx npx tsx bench/engines/inference.ts [ENGINE] [ROUNDS] [THREADS] [SIMD]
 *
 * ENGINE and SIMD as for training.ts. CLOCK=cpu compares processor time, for a busy machine and one thread. Rows go to
 * bench/results/engine-inference.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import type { EngineName } from 'poseblocks/engines';
import type { SimdChoice } from 'poseblocks/engines/wasm';
import { lpn } from 'poseblocks/networks';
import { median, record, seconds } from '../measure';
import { startEngine } from './engine';

const [name = 'wasm', rounds = '5', count = '1', choice = 'auto'] = process.argv.slice(2);
const threads = Number(count);
const path = process.env['MODEL'];
if (path === undefined) throw new Error('inference.ts: set MODEL to the ONNX file of LPN-50.');

const engine = await startEngine(name as EngineName, threads, choice as SimdChoice);
const network = lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: 17 });
const image = tf.randomUniform([1, 256, 192, 3], -1, 1, 'float32', 1);
const session = await ort.InferenceSession.create(path, { intraOpNumThreads: threads, interOpNumThreads: 1 });
const feed = { [session.inputNames[0]!]: new ort.Tensor('float32', await image.data<'float32'>(), [1, 3, 256, 192]) };

async function predict(): Promise<void> {
  const output = network.predict(image) as tf.Tensor;
  await output.data();
  output.dispose();
}
const onnxruntime = (): Promise<unknown> => session.run(feed);

for (let i = 0; i < 10; i++) await predict().then(onnxruntime);
const ratios: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const [own, peer]: [number[], number[]] = [[], []];
  for (let i = 0; i < 20; i++) {
    own.push(await seconds(predict));
    peer.push(await seconds(onnxruntime));
  }
  const [a, b] = [1000 * median(own), 1000 * median(peer)];
  ratios.push(a / b);
  record('engine-inference', [
    {
      ...engine,
      batch: 1,
      round,
      poseblocks_ms: a.toFixed(2),
      onnxruntime_ms: b.toFixed(2),
      ratio: (a / b).toFixed(3),
    },
  ]);
  console.log(`round ${round}: ${a.toFixed(1)} ms, ONNX Runtime ${b.toFixed(1)} ms, ratio ${(a / b).toFixed(2)}`);
}
console.log(`${name}, ${engine.simd} SIMD, ${threads} threads: median ratio ${median(ratios).toFixed(2)}`);
