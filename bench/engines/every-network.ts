/**
 * Every network of the four papers on the wasm engine: the compiled network, batch 1, and a training step (Adam, all layers trained), in GFLOP/s.
 *
 *     npx tsx bench/engines/every-network.ts [THREADS] [PART OF THE NAMES] [BATCH]
 *
 * An operation is a multiplication or an addition of the convolutions as the network defines them, three times forward's for a step, so that what Winograd's algorithm saves
 * shows as speed. Medians of three; BATCH (4) is halved until a step fits into the heap. Rows go to bench/results/every-network.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compile } from 'poseblocks/inference';
import { countMacs } from 'poseblocks/metrics';
import { paperNetwork, paperNetworks } from 'poseblocks/recipes';
import { adam, trainingPass, unfreeze } from 'poseblocks/training';
import { median, record, seconds } from '../measure';
import { startEngine } from './engine';

const [threads = '1', part = '', most = '4'] = process.argv.slice(2);
const { simd } = await startEngine('wasm', Number(threads), 'auto');
const REPEATS = 3;

async function timed(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) times.push(await seconds(run));
  return median(times);
}

async function inference(network: LayersModel, shape: [number, number, number]): Promise<number> {
  const run = await compile(network);
  const images = tf.randomUniform([1, ...shape], -1, 1, 'float32', 1) as tf.Tensor4D;
  const time = await timed(async () => {
    const outputs = [run(images)].flat();
    await outputs[0]!.data();
    tf.dispose(outputs);
  });
  run.dispose();
  images.dispose();
  return time;
}

async function training(network: LayersModel, shape: [number, number, number], batch: number): Promise<number> {
  const images = tf.randomUniform([batch, ...shape], -1, 1, 'float32', 1);
  const optimizer = adam(1e-3);
  try {
    return await timed(async () => {
      const loss = optimizer.minimize(
        () =>
          tf.addN(
            [trainingPass(network, images) as tf.Tensor].flat().map((output) => tf.mean(tf.square(output))),
          ) as tf.Scalar,
        true,
      )!;
      await loss.data();
      loss.dispose();
    });
  } finally {
    optimizer.dispose();
    images.dispose();
  }
}

for (const id of paperNetworks().filter((name) => name.includes(part))) {
  const network = paperNetwork(id);
  unfreeze(network, () => true);
  const shape = network.inputs[0]!.shape.slice(1) as [number, number, number];
  const operations = 2e-9 * countMacs(network);
  const forward = await inference(network, shape);
  let step = NaN;
  let batch = Number(most);
  for (; batch >= 1; batch /= 2) {
    try {
      step = await training(network, shape, batch);
      break;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('out of memory')) throw error;
    }
  }
  const row = {
    network: id,
    simd,
    threads: Number(threads),
    input: `${shape[1]}x${shape[0]}`,
    gflop: operations.toFixed(3),
    inference_ms: (1000 * forward).toFixed(1),
    inference_gflops: (operations / forward).toFixed(1),
    batch,
    step_ms: (1000 * step).toFixed(0),
    training_gflops: ((3 * batch * operations) / step).toFixed(1),
  };
  record('every-network', [row]);
  console.log(Object.values(row).join('  '));
  network.dispose();
}
