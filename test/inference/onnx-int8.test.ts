import { syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import type { Keypoints } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import type { PoseModel } from 'poseblocks/models';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { beforeAll, describe, expect, it } from 'vitest';

const PEOPLE = 60;

describe('an ONNX file with int8 weights', () => {
  let model: PoseModel;
  let full: Uint8Array;
  let int8: Uint8Array;
  beforeAll(async () => {
    await useEngine('wasm');
    model = await loadPoseModelFile('weights/synthetic-small.safetensors');
    [full, int8] = [await exportOnnx(model), await exportOnnx(model, { weights: 'int8' })];
  });

  it('has little more than a quarter of the bytes', () => {
    expect(int8.length / full.length).toBeLessThan(0.3);
  });

  it('finds people as the float32 file does, in both runtimes', async () => {
    const { persons, readImage } = syntheticPeople({ seed: 77, count: PEOPLE });
    const truth = persons.map(({ keypoints }) => keypoints);
    const found = async (onnx: Uint8Array, runtime: 'node' | 'web'): Promise<Keypoints<'image'>[]> => {
      const estimator = await createEstimator({ onnx, runtime });
      const all = await estimator.estimateAll(
        persons.map((person) => ({ image: readImage(person), boxes: [person.box] })),
      );
      await estimator.dispose();
      return all.flat();
    };
    const scored = (people: readonly Keypoints<'image'>[]): number =>
      pck(people, truth, { normalizer: longerSides(persons.map(({ box }) => box)), threshold: 0.1 }).mean;
    const whole = await found(full, 'node');
    const [native, web] = [await found(int8, 'node'), await found(int8, 'web')];
    expect(scored(whole)).toBeGreaterThan(0.55); // trained on walkers only; the mean pose has 0.44
    for (const people of [native, web]) expect(Math.abs(scored(people) - scored(whole))).toBeLessThanOrEqual(0.003);
    const farthest = Math.max(...native.flatMap(({ xy }, n) => Array.from(xy, (v, i) => Math.abs(v - web[n]!.xy[i]!))));
    expect(farthest).toBeLessThan(0.05);
  });
});
