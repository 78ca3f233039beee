import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import {
  adam,
  fit,
  jointsMse,
  multiStep,
  progress,
  standardGuards,
  validatePoses,
  weightAverage,
  withTargets,
  type Fault,
} from 'poseblocks/training';
import { directoryStore, jsonlLog, tensorboardLog } from 'poseblocks/training/node';
import { gaussianCodec } from 'poseblocks/targets';
import { expect, it } from 'vitest';
import { tinyNetwork } from '../training/support/tiny';

const [EPOCHS, STEPS] = [20, 50];
setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** What the engine's WebAssembly memory and the collected heap of the process take, in bytes. */
function memory(): { readonly wasm: number; readonly heap: number } {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return { wasm: wasm.HEAPU8.byteLength, heap: heapUsed + arrayBuffers - wasm.HEAPU8.byteLength };
}

it('a thousand steps of fit with everything on leave not one tensor more, nor heap', async () => {
  await useEngine('wasm');
  const out = mkdtempSync(join(tmpdir(), 'poseblocks-leaks-'));
  const before = tf.memory().numTensors;
  const network = tinyNetwork({ keypoints: 17 });
  const codec = gaussianCodec({ inputSize: [16, 16], heatmapSize: [8, 8], sigma: 1 });
  const { persons, readImage, keypointSet, json } = syntheticPeople({ seed: 1, count: 2 * STEPS, imageSize: [48, 48] });
  const heldOut = { persons: persons.slice(0, 8), readImage, codec };
  const validate = validatePoses({ batches: () => topDown(heldOut), codec, flip: keypointSet, annotations: json });
  const optimizer = adam(1e-3);
  const average = weightAverage(network, { decay: 0.99 });
  const tensors: number[] = [];
  const atEpoch: { tensors: number; bytes: number; wasm: number; heap: number }[] = [];
  const faults: Fault[] = [];
  try {
    const { steps, best } = await fit(network, {
      epochs: EPOCHS,
      batches: withTargets(
        (epoch, firstBatch) => topDown({ persons, readImage, codec, batchSize: 2, seed: 1, epoch, firstBatch }),
        codec,
      ),
      loss: jointsMse,
      optimizer,
      average,
      clipNorm: 1,
      schedule: multiStep({ rate: 1e-3, milestones: [15] }),
      validate,
      monitor: 'PCK',
      checkpoint: { store: directoryStore(join(out, 'run')), everySteps: 20 },
      callbacks: [
        { onStep: () => void tensors.push(tf.memory().numTensors) },
        ...standardGuards({
          keypointSet,
          validation: withTargets(() => topDown(heldOut), codec),
          onFault: (fault) => faults.push(fault),
        }),
        progress({ show: () => undefined }),
        jsonlLog(join(out, 'log.jsonl')),
        tensorboardLog(out),
        {
          onEpoch: () => {
            const { numTensors, numBytes } = tf.memory();
            atEpoch.push({ tensors: numTensors, bytes: numBytes, ...memory() });
          },
        },
      ],
    });
    expect(steps).toBe(EPOCHS * STEPS);
    expect(best!.value).toBeGreaterThan(0);
    expect(readFileSync(join(out, 'log.jsonl'), 'utf8').trim().split('\n')).toHaveLength(EPOCHS * (STEPS + 1));
  } finally {
    rmSync(out, { recursive: true });
  }
  // The guard of the rate keeps the weights from one step in a hundred to the next: hundreds of steps are alike.
  const [, second, ...others] = Array.from({ length: 10 }, (_, i) => tensors.slice(100 * i, 100 * i + 100));
  for (const hundred of others) expect(hundred).toEqual(second);
  const [, first, ...later] = atEpoch;
  for (const { tensors, bytes, wasm } of later) {
    expect({ tensors, bytes, wasm }).toEqual({ tensors: first!.tensors, bytes: first!.bytes, wasm: first!.wasm });
  }
  // Some is what V8 keeps of its own; the images alone of a thousand batches would be 6 MB.
  expect(later.at(-1)!.heap - first!.heap).toBeLessThan(3e6);
  expect(faults).toEqual([]);
  average.dispose();
  optimizer.dispose();
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
