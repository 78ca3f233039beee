import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SingleBar } from 'cli-progress';
import { topDown, type Batch } from 'poseblocks/datasets';
import { flipKeypoints, type KeypointSet } from 'poseblocks/keypoints';
import { seededRandom } from 'poseblocks/random';
import type { HeatmapCodec } from 'poseblocks/targets';
import {
  adam,
  cosine,
  fit,
  jointsMse,
  withTargets,
  type Callback,
  type EpochRecord,
  type LogRecord,
} from 'poseblocks/training';
import { jsonlLog, readLog } from 'poseblocks/training/node';
import type { DemoData } from './data';
import { demoCrop } from './network';

export const BATCH = 16;
const RATE = 4e-3;

/** A short mean of the gradients, for so few steps: after 170, AP 0.39 with 0.9, 0.43 with 0.8, 0.45 with 0.7, 0.6 and 0.5. */
const BETA_1 = 0.6;

/** Trains for a number of steps, half of the batches mirrored. Returns a record of each step, and of the whole. */
export async function train(
  network: LayersModel,
  codec: HeatmapCodec,
  data: DemoData,
  { steps, seed, out }: { steps: number; seed: number; out: string },
): Promise<{ log: LogRecord[]; history: readonly EpochRecord[] }> {
  const file = join(out, 'log.jsonl');
  const { history } = await fit(network, {
    epochs: 1,
    batches: withTargets(() => endless(data, codec, steps, seed), codec),
    loss: jointsMse,
    optimizer: adam(RATE, { beta1: BETA_1 }),
    schedule: cosine({ rate: RATE, over: steps }),
    scheduleBy: 'step',
    callbacks: [jsonlLog(file), progress(steps)],
  });
  return { log: await readLog(file), history };
}

/** Epoch after epoch, up to `steps` batches, each mirrored as a whole or not. */
async function* endless(
  { training: persons, readImage, keypointSet }: DemoData,
  codec: HeatmapCodec,
  steps: number,
  seed: number,
): AsyncGenerator<Batch> {
  const random = seededRandom(seed, 0x636f696e);
  for (let epoch = 0, step = 0; step < steps; epoch++) {
    for await (const batch of topDown({ persons, readImage, codec, crop: demoCrop, batchSize: BATCH, seed, epoch })) {
      yield random.chance(0.5) ? mirrored(batch, keypointSet, codec.inputSize[0]) : batch;
      if (++step === steps) return;
    }
  }
}

function mirrored(batch: Batch, set: KeypointSet, width: number): Batch {
  const images = tf.reverse(batch.images, 2);
  batch.images.dispose();
  return { ...batch, images, people: batch.people.map((person) => flipKeypoints(person, set, width)) };
}

/** A line that shows loss, rate and time left. */
function progress(steps: number): Callback {
  const bar = new SingleBar({
    format: '  training {bar} {value}/{total} · loss {loss} · {rate} steps/s · {left} left',
    barsize: 24,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  let begun = 0;
  let done = 0;
  return {
    onStart: () => {
      begun = performance.now();
      bar.start(steps, 0, { loss: '–', rate: '–', left: '–' });
    },
    onStep: ({ loss }) => {
      const rate = ++done / ((performance.now() - begun) / 1000);
      const left = Math.round((steps - done) / rate);
      bar.update(done, {
        loss: loss.toFixed(5),
        rate: rate.toFixed(2),
        left: `${Math.floor(left / 60)} min ${left % 60} s`,
      });
    },
    onEnd: () => bar.stop(),
  };
}
