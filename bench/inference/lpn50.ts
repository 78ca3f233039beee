/**
 * LPN-50 (256×192, batch 1): PyTorch's ONNX export in ONNX Runtime, ours in the same runtime, and compiled on wasm, in turns:
 *
 *     MODEL=path/to/lpn50-reference.onnx npx tsx bench/inference/lpn50.ts [ROUNDS] [THREADS]
 *
 * CLOCK=cpu compares processor time, for a busy machine and one thread. Rows go to bench/results/inference.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import { setTimeout as sleep } from 'node:timers/promises';
import * as ort from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels } from 'poseblocks/engines/wasm';
import { compile } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { lpn } from 'poseblocks/networks';
import { median, record, seconds } from '../measure';

const rounds = Number(process.argv[2] ?? 5);
const threads = Number(process.argv[3] ?? 1);
const path = process.env['MODEL'];
if (path === undefined) throw new Error('lpn50.ts: set MODEL to PyTorch’s ONNX export of LPN-50.');

await useEngine('wasm', { threads });
const network = lpn('lpn-50', { initialization: 'torch' });
const session = { intraOpNumThreads: threads, interOpNumThreads: 1 };
const reference = await ort.InferenceSession.create(path, session);
const exported = await ort.InferenceSession.create(await exportOnnx(network), session);
const run = await compile(network);
const images = tf.randomUniform([1, 256, 192, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
const pixels = (await images.data()) as Float32Array;
const first = { image: new ort.Tensor('float32', pixels, [1, 3, 256, 192]) };
const last = { image: new ort.Tensor('float32', pixels, [1, 256, 192, 3]) };

const jobs: Readonly<Record<string, () => Promise<unknown>>> = {
  reference: () => reference.run(first),
  exported: () => exported.run(last),
  compiled: async () => {
    const heatmaps = run(images) as tf.Tensor;
    await heatmaps.data();
    heatmaps.dispose();
  },
};

for (let i = 0; i < 10; i++) for (const job of Object.values(jobs)) await job();
const { simd } = describeWasmKernels();
for (let round = 0; round < rounds; round++) {
  const times: Record<string, number[]> = { reference: [], exported: [], compiled: [] };
  for (let i = 0; i < 20; i++)
    for (const [name, job] of Object.entries(jobs)) {
      // Threads of ONNX Runtime go on spinning after a run, and would take the next one's cores.
      if (threads > 1) await sleep(50);
      times[name]!.push(1000 * (await seconds(job)));
    }
  const [reference, exported, compiled] = Object.values(times).map(median) as [number, number, number];
  const ratios = {
    exported_ratio: (exported / reference).toFixed(3),
    compiled_ratio: (compiled / reference).toFixed(3),
  };
  console.log({ round, reference, exported, compiled, ...ratios });
  record('inference', [
    {
      simd,
      threads,
      round,
      reference_ms: reference.toFixed(2),
      exported_ms: exported.toFixed(2),
      compiled_ms: compiled.toFixed(2),
      ...ratios,
    },
  ]);
}
