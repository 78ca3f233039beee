/**
 * One training step of LPN-50 (Adam, batch 4, 256×192) on an engine, beside PyTorch's, in turns:
 *
 *     PEERS=path/to/peers.py npx tsx bench/engines/training.ts [ENGINE] [ROUNDS] [THREADS] [SIMD]
 *
 * The peer is the job `train` of a peers.py that prints a JSON line with `median_s`. ENGINE is wasm (default), tfjs-node or
 * another; SIMD, of wasm, is auto, relaxed or plain. CLOCK=cpu compares processor time, for a busy machine and one thread.
 * PyTorch's time hangs on its BLAS: Debian's takes five times as long on the reference BLAS as on OpenBLAS, so name in PEER what
 * it ran on. Rows go to bench/results/engine-training.csv.
 */
import { execFileSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import { adam } from 'poseblocks/training';
import { clock, median, record, seconds } from '../measure';
import { heapMebibytes, lpn50Run } from './engine';

const { engine, network, peer: peers, rounds } = await lpn50Run('PEERS');
const { threads } = engine;
const images = tf.randomUniform([4, 256, 192, 3], -1, 1, 'float32', 1);
const heatmaps = tf.randomUniform([4, 64, 48, 17], 0, 1, 'float32', 2);
const optimizer = adam(1e-3);

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
  const line = execFileSync('/usr/bin/python3', ['-c', script, peers, 'train', '12'], options);
  return (JSON.parse(line) as { median_s: number }).median_s;
}

for (let i = 0; i < 3; i++) await step(); // kernels reach their speed after some hundred milliseconds
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const own = median([await seconds(step), await seconds(step), await seconds(step)]);
  const peer = pytorch();
  ratios.push(own / peer);
  record('engine-training', [
    {
      ...engine,
      batch: 4,
      round,
      peer: process.env['PEER'] ?? 'PyTorch',
      poseblocks_s: own.toFixed(3),
      pytorch_s: peer.toFixed(3),
      ratio: (own / peer).toFixed(3),
      heap_mib: heapMebibytes().toFixed(0),
      peak_rss_mib: (process.resourceUsage().maxRSS / 1024).toFixed(0),
    },
  ]);
  console.log(`round ${round}: ${own.toFixed(2)} s, PyTorch ${peer.toFixed(2)} s, ratio ${(own / peer).toFixed(2)}`);
}
console.log(`${engine.engine}, ${engine.simd} SIMD, ${threads} threads: median ratio ${median(ratios).toFixed(2)}`);
