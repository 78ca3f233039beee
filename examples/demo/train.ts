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
  warmUp,
  withTargets,
  type Callback,
  type EpochRecord,
  type LogRecord,
} from 'poseblocks/training';
import { jsonlLog, readLog, trainingTeam } from 'poseblocks/training/node';
import type { DemoData } from './data';
import type { NetworkOptions } from './network';

export const BATCH = 16;
/** Measured over 160 steps: AP 0.33, where steps down from 2.5e-3 give 0.30, from 1e-3 0.23, from 5e-3 0.26. */
const RATE = 4e-3;

interface TrainOptions {
  readonly steps: number;
  readonly seed: number;
  readonly out: string;
  /** Name of the network. */
  readonly network: string;
  readonly processes: number;
}

/**
 * Trains for a number of steps, half of the batches mirrored. Returns a record of each step, and of the whole. With several `processes`, each is a thread with an
 * engine of its own that computes its part of the batch, which uses the cores better than threads within one engine do.
 */
export async function train(
  network: LayersModel,
  codec: HeatmapCodec,
  data: DemoData,
  { steps, seed, out, network: name, processes }: TrainOptions,
): Promise<{ log: LogRecord[]; history: readonly EpochRecord[] }> {
  const file = join(out, 'log.jsonl');
  const workerData: NetworkOptions = { network: name, keypoints: data.keypointSet.names.length, seed };
  const replica = new URL('./replica.ts', import.meta.url);
  const team = processes > 1 ? await trainingTeam(network, { processes, replica, workerData }) : undefined;
  try {
    const { history } = await fit(network, {
      ...(team && { gradients: team.gradients }),
      epochs: 1,
      batches: withTargets(() => endless(data, codec, steps, seed), codec),
      loss: jointsMse,
      optimizer: adam(RATE),
      schedule: warmUp(cosine({ rate: RATE, over: steps }), { over: Math.min(10, steps) }),
      scheduleBy: 'step',
      callbacks: [jsonlLog(file), progress(steps)],
    });
    return { log: await readLog(file), history };
  } finally {
    await team?.close();
  }
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
    for await (const batch of topDown({ persons, readImage, codec, batchSize: BATCH, seed, epoch })) {
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
