/**
 * Images a second of LPN-50 and HRNet-W32 on an engine, inference and training (Adam), batch 1 and 32, beside PyTorch eager in
 * float32 on the same device, in turns:
 *
 *     npx tsx bench/engines/throughput.ts [ENGINE] [ROUNDS] [SECONDS]
 *
 * ENGINE is webgpu (default) or another. From the environment: SIZE=256x192, BATCHES=1,32, NETWORKS=lpn-50,hrnet-w32,
 * JOBS=infer,train, PYTHON (a Python with PyTorch), DEVICE=cuda|cpu of PyTorch. Rows go to bench/results/engine-throughput.csv.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EngineName } from 'poseblocks/engines';
import { trainingPass } from 'poseblocks/training';
import { hrnet, lpn } from 'poseblocks/networks';
import { median, record } from '../measure';
import { startEngine } from './engine';

type Name = 'lpn-50' | 'hrnet-w32';
type Job = 'infer' | 'train';

const [name = 'webgpu', rounds = '3', duration = '5'] = process.argv.slice(2);
const list = (key: string, usual: string): string[] => (process.env[key] ?? usual).split(',');
const [height, width] = (process.env['SIZE'] ?? '256x192').split('x').map(Number) as [number, number];
const engine = await startEngine(name as EngineName, 1, 'auto');

function build(network: Name): LayersModel {
  const options = { inputShape: [height, width, 3] as const, keypoints: 17 };
  return network === 'lpn-50' ? lpn('lpn-50', options) : hrnet('hrnet-w32', options);
}

/** One call, whose result is a number on the device. */
function caller(network: LayersModel, job: Job, batch: number): { run: () => tf.Scalar; dispose: () => void } {
  const images = tf.randomUniform([batch, height, width, 3], -1, 1, 'float32', 1);
  const heatmaps = tf.randomUniform([batch, height / 4, width / 4, 17], 0, 1, 'float32', 2);
  const optimizer = tf.train.adam(1e-3);
  const lossOf = (): tf.Scalar => tf.losses.meanSquaredError(heatmaps, trainingPass(network, images) as tf.Tensor);
  return {
    run: () =>
      job === 'train'
        ? optimizer.minimize(lossOf, true)!
        : tf.tidy(() => tf.sum(network.predict(images) as tf.Tensor) as tf.Scalar),
    dispose: () => {
      tf.dispose([images, heatmaps]);
      optimizer.dispose();
    },
  };
}

/** Images a second, five calls at a time before the device is waited for. */
async function rate(run: () => tf.Scalar, batch: number): Promise<number> {
  const five = async (): Promise<void> => {
    const values = Array.from({ length: 5 }, run);
    await values[4]!.data();
    tf.dispose(values);
  };
  await five();
  const start = performance.now();
  let calls = 0;
  for (; performance.now() - start < 1000 * Number(duration); calls += 5) await five();
  return (calls * batch) / ((performance.now() - start) / 1000);
}

const peer = fileURLToPath(new URL('torch_peer.py', import.meta.url));
function pytorch(network: Name, job: Job, batch: number): { images_per_second: number; device: string } {
  const args = [peer, network, job, batch, height, width, duration, ...(process.env['DEVICE']?.split(' ') ?? [])];
  return JSON.parse(
    execFileSync(process.env['PYTHON'] ?? '/usr/bin/python3', args.map(String), { encoding: 'utf8' }),
  ) as { images_per_second: number; device: string };
}

for (const id of list('NETWORKS', 'lpn-50,hrnet-w32') as Name[]) {
  for (const batch of list('BATCHES', '1,32').map(Number)) {
    for (const job of list('JOBS', 'infer,train') as Job[]) {
      const network = build(id);
      const { run, dispose } = caller(network, job, batch);
      const ratios: number[] = [];
      for (let round = 0; round < Number(rounds); round++) {
        const own = await rate(run, batch);
        const other = pytorch(id, job, batch);
        ratios.push(other.images_per_second / own);
        record('engine-throughput', [
          {
            ...engine,
            network: id,
            size: `${height}x${width}`,
            job,
            batch,
            round,
            poseblocks_per_s: own.toFixed(2),
            pytorch_device: other.device,
            pytorch_per_s: other.images_per_second.toFixed(2),
            ratio: (other.images_per_second / own).toFixed(3),
          },
        ]);
      }
      console.log(`${id} ${job}, batch ${batch}: PyTorch is ${median(ratios).toFixed(2)} times as fast`);
      dispose();
      network.dispose();
    }
  }
}
