/**
 * One training step of LPN-50 (Adam, batch 4, 256×192) on wasm, beside PyTorch's, in turns:
 *
 *     PEERS=path/to/peers.py npx tsx bench/engines/wasm/training.ts [ROUNDS] [THREADS] [SIMD]
 *
 * The peer is the job `train` of a peers.py that prints a JSON line with `median_s`. SIMD is auto, relaxed or plain;
 * CLOCK=cpu compares processor time, for a busy machine and one thread. Rows go to bench/results/wasm-training.csv.
 */
import { execFileSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients } from 'poseblocks/engines/wasm';
import type { SimdChoice } from 'poseblocks/engines/wasm';
import { lpn } from 'poseblocks/networks';
import { clock, median, record, seconds } from '../../measure';

const rounds = Number(process.argv[2] ?? 5);
const threads = Number(process.argv[3] ?? 1);
const peers = process.env['PEERS'];
if (peers === undefined) throw new Error('training.ts: set PEERS to the script that times PyTorch.');

await useEngine('wasm', { threads });
registerWasmGradients({ simd: (process.argv[4] ?? 'auto') as SimdChoice });
const network = lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: 17 });
const images = tf.randomUniform([4, 256, 192, 3], -1, 1, 'float32', 1);
const heatmaps = tf.randomUniform([4, 64, 48, 17], 0, 1, 'float32', 2);
const optimizer = tf.train.adam(1e-3);

async function step(): Promise<void> {
  const loss = optimizer.minimize(
    () => tf.losses.meanSquaredError(heatmaps, network.apply(images, { training: true }) as tf.Tensor) as tf.Scalar,
    true,
  )!;
  await loss.data();
  loss.dispose();
}

function pytorch(): number {
  const patch = clock === 'cpu' ? 'time.perf_counter = time.process_time; ' : '';
  const script = `import runpy, sys, time; ${patch}sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
  const options = { encoding: 'utf8', env: { ...process.env, THREADS: String(threads) } } as const;
  const line = execFileSync('/usr/bin/python3', ['-c', script, peers!, 'train', '12'], options);
  return (JSON.parse(line) as { median_s: number }).median_s;
}

for (let i = 0; i < 3; i++) await step(); // the kernels reach their speed after some hundred milliseconds
const { simd, threads: ours } = describeWasmKernels();
const heap = (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm;
const rows = [];
for (let round = 0; round < rounds; round++) {
  const own = median([await seconds(step), await seconds(step), await seconds(step)]);
  const peer = pytorch();
  const memory = { heap_mib: heap.HEAPU8.length / 2 ** 20, rss_mib: process.memoryUsage().rss / 2 ** 20 };
  rows.push({ engine: 'wasm', simd, threads: ours, batch: 4, round, own, peer, ratio: own / peer, ...memory });
  console.log(`round ${round}: ${own.toFixed(2)} s, PyTorch ${peer.toFixed(2)} s, ratio ${(own / peer).toFixed(2)}`);
}
record(
  'wasm-training',
  rows.map(({ own, peer, ratio, heap_mib, rss_mib, ...row }) => ({
    ...row,
    poseblocks_s: own.toFixed(3),
    pytorch_s: peer.toFixed(3),
    ratio: ratio.toFixed(3),
    heap_mib: heap_mib.toFixed(0),
    rss_mib: rss_mib.toFixed(0),
  })),
);
console.log(`${simd} SIMD, ${ours} threads: median ratio ${median(rows.map((row) => row.ratio)).toFixed(2)}`);
