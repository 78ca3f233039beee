/**
 * LPN-50 (256×192, batch 1) by `LayersModel.predict` on wasm, beside ONNX Runtime on the same network, call by call:
 *
 *     MODEL=path/to/lpn50.onnx npx tsx bench/engines/wasm/inference.ts [ROUNDS] [THREADS] [SIMD]
 *
 * CLOCK=cpu compares processor time, for a busy machine and one thread. Rows go to bench/results/wasm-inference.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients } from 'poseblocks/engines/wasm';
import type { SimdChoice } from 'poseblocks/engines/wasm';
import { lpn } from 'poseblocks/networks';
import { median, record, seconds } from '../../measure';

const rounds = Number(process.argv[2] ?? 5);
const threads = Number(process.argv[3] ?? 1);
const path = process.env['MODEL'];
if (path === undefined) throw new Error('inference.ts: set MODEL to the ONNX file of LPN-50.');

await useEngine('wasm', { threads });
registerWasmGradients({ simd: (process.argv[4] ?? 'auto') as SimdChoice });
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
const { simd, threads: ours } = describeWasmKernels();
const rows = [];
for (let round = 0; round < rounds; round++) {
  const [own, peer]: [number[], number[]] = [[], []];
  for (let i = 0; i < 20; i++) {
    own.push(await seconds(predict));
    peer.push(await seconds(onnxruntime));
  }
  const [a, b] = [1000 * median(own), 1000 * median(peer)];
  rows.push({ engine: 'wasm', simd, threads: ours, batch: 1, round, own: a, peer: b, ratio: a / b });
  console.log(`round ${round}: ${a.toFixed(1)} ms, ONNX Runtime ${b.toFixed(1)} ms, ratio ${(a / b).toFixed(2)}`);
}
record(
  'wasm-inference',
  rows.map(({ own, peer, ratio, ...row }) => ({
    ...row,
    poseblocks_ms: own.toFixed(2),
    onnxruntime_ms: peer.toFixed(2),
    ratio: ratio.toFixed(3),
  })),
);
console.log(`${simd} SIMD, ${ours} threads: median ratio ${median(rows.map((row) => row.ratio)).toFixed(2)}`);
