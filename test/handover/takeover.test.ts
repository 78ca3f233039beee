import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from 'poseblocks/engines';
import { writeHandover } from 'poseblocks/handover/node';
import { COCO } from 'poseblocks/keypoints';
import { pythonJson, trainingPython } from '../support/python';
import { HARNESS } from './harness';
import { hourglassModel, simccModel } from './models';
import { people } from './photographs';
import { takenOver } from './taken-over';

const python = trainingPython()!;
const COUNT = 16;

// The same of LPN is in keras.test.ts; of these networks at their own sizes, in bench/handover/experiments.ts.
describe.skipIf(python === undefined)('a network trained by Keras and taken over', { timeout: 900_000 }, () => {
  let photographs: Awaited<ReturnType<typeof people>>;
  beforeAll(async () => {
    await useEngine('wasm');
    photographs = await people(COUNT + 8);
  });
  afterAll(async () => {
    if (photographs) await rm(photographs.images, { recursive: true, force: true });
  });

  it.each([
    ['a stacked hourglass of two outputs', () => hourglassModel([32, 32], COCO, { filters: 16, depth: 2 }), 2],
    ["SimpleBaseline-18 with SimCC's loss", () => simccModel([32, 32]), 2],
  ])('is equal to ours, and by poseblocks eval: %s', async (_, make, outputs) => {
    const model = make();
    const out = await mkdtemp(join(tmpdir(), 'poseblocks-handover-'));
    const { persons, images } = photographs;
    const { settings } = await writeHandover(model, {
      out,
      training: { persons: persons.slice(0, COUNT), images },
      validation: { persons: persons.slice(COUNT), images },
      batchSize: 8,
      optimizer: { name: 'adam', rate: 1e-3 },
      schedule: { epochs: 100 },
      workers: 1,
    });
    model.network.dispose();
    const trained = await pythonJson<{
      readonly shapes: Readonly<Record<string, number[]>>;
      readonly apart: number;
      readonly scale: number;
      readonly epoch: { readonly metrics: { readonly PCK: number } };
    }>(python, [HARNESS, out, 'trained', '30', out]);
    expect(trained.apart).toBeGreaterThan(0.01 * trained.scale); // the network sees the images: a hundred times the difference below
    const { apart, ours, theirs, validated } = await takenOver(out, settings, trained.shapes, persons.slice(COUNT), COCO);
    expect(apart.length).toBe(outputs);
    for (const each of apart) expect(each).toBeLessThan(1e-4);
    expect(ours).toEqual(theirs);
    expect(validated).toBeCloseTo(trained.epoch.metrics.PCK, 9);
    expect(validated).toBeGreaterThan(0);
    await rm(out, { recursive: true });
  }); // prettier-ignore
});
