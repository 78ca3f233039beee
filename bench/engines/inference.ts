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
import { median, record, seconds } from '../measure';
import { lpn50Run } from './engine';

const { engine, network, peer, rounds } = await lpn50Run('MODEL');
const { threads } = engine;
const image = tf.randomUniform([1, 256, 192, 3], -1, 1, 'float32', 1);
const session = await ort.InferenceSession.create(peer, { intraOpNumThreads: threads, interOpNumThreads: 1 });
const feed = { [session.inputNames[0]!]: new ort.Tensor('float32', await image.data<'float32'>(), [1, 3, 256, 192]) };

async function predict(): Promise<void> {
  const output = network.predict(image) as tf.Tensor;
  await output.data();
  output.dispose();
}
const onnxruntime = (): Promise<unknown> => session.run(feed);

for (let i = 0; i < 10; i++) await predict().then(onnxruntime);
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const [own, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < 20; i++) {
    own.push(await seconds(predict));
    theirs.push(await seconds(onnxruntime));
  }
  const [a, b] = [1000 * median(own), 1000 * median(theirs)];
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
console.log(`${engine.engine}, ${engine.simd} SIMD, ${threads} threads: median ratio ${median(ratios).toFixed(2)}`);
