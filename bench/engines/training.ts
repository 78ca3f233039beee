/**
 * Training steps (Adam, batch 4, 256×192) on an engine, beside PyTorch's in a process of its own, in turns:
 *
 *     PYTHON=venv/bin/python npx tsx bench/engines/training.ts [NETWORK: lpn-50|hrnet-w32] [ENGINE] [ROUNDS] [THREADS] [SIMD]
 *
 * PYTHON has PyTorch 2.9 or newer from PyPI: older builds lack a fast BLAS on some machines. ENGINE is wasm (default), tfjs-node or another; SIMD, of wasm, is
 * auto, relaxed or plain. Without PYTHON there is no peer. A round takes the median of three steps; rows go to bench/results/engine-training.csv.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineName } from 'poseblocks/engines';
import type { SimdChoice } from 'poseblocks/engines/wasm';
import { median, record, seconds } from '../measure';
import { heapMebibytes, startEngine } from './engine';
import { networkNamed, trainingStep } from './step';

const [name = 'lpn-50', engineName = 'wasm', rounds = '5', threadText = '1', simd = 'auto'] = process.argv.slice(2);
const threads = Number(threadText);
const engine = await startEngine(engineName as EngineName, threads, simd as SimdChoice);
const step = trainingStep(networkNamed(name), 4);

/** Seconds of PyTorch's step, and its version. */
function pytorch(python: string): { seconds: number; torch: string } {
  const peer = fileURLToPath(new URL('torch_peer.py', import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  const line = execFileSync(python, [peer, name, 'train', '4', '256', '192', '4', 'cpu'], { encoding: 'utf8', env });
  const { images_per_second: rate, torch } = JSON.parse(line) as { images_per_second: number; torch: string };
  return { seconds: 4 / rate, torch };
}

for (let i = 0; i < 3; i++) await step(); // kernels reach their speed after some hundred milliseconds
const python = process.env['PYTHON'];
const own: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const time = median([await seconds(step), await seconds(step), await seconds(step)]);
  const peer = python === undefined ? undefined : pytorch(python);
  own.push(time);
  if (peer) ratios.push(time / peer.seconds);
  record('engine-training', [
    {
      ...engine,
      network: name,
      batch: 4,
      round,
      peer: peer ? `PyTorch ${peer.torch}` : '',
      poseblocks_s: time.toFixed(3),
      pytorch_s: peer?.seconds.toFixed(3) ?? '',
      ratio: peer ? (time / peer.seconds).toFixed(3) : '',
      heap_mib: heapMebibytes().toFixed(0),
      peak_rss_mib: (process.resourceUsage().maxRSS / 1024).toFixed(0),
    },
  ]);
}
const ratio = ratios.length > 0 ? `, ${median(ratios).toFixed(2)} of PyTorch's time` : '';
console.log(
  `${name} on ${engine.engine}, ${engine.simd} SIMD, ${threads} threads: ${median(own).toFixed(3)} s${ratio}, heap ${heapMebibytes()} MiB`,
);
