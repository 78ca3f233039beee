import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  augmentSample,
  personRegion,
  syntheticPeople,
  topDown,
  type AugmentedSample,
  type AugmentOptions,
} from 'poseblocks/datasets';
import { COCO, exchangePairs } from 'poseblocks/keypoints';
import { seededRandom } from 'poseblocks/random';
import { beforeAll, describe, expect, it } from 'vitest';

const dataset = syntheticPeople({ seed: 5, count: 12, imageSize: [96, 96] });
const person = dataset.persons.find(({ keypoints }) => keypoints.score.every((v) => v > 0)) ?? dataset.persons[0]!;
const inputSize = [48, 64] as const;
const region = personRegion(person, inputSize);
const draw = (options: Partial<AugmentOptions>, index: number): AugmentedSample =>
  augmentSample(person, region, inputSize, { keypointSet: COCO, ...options }, seededRandom(1, 2, index));
const many = (options: Partial<AugmentOptions>, count = 4000) =>
  Array.from({ length: count }, (_, i) => draw(options, i));

/** Scale and rotation (degrees) of a crop that is not mirrored. */
const geometry = ({ crop: { matrix } }: AugmentedSample) => ({
  factor: inputSize[0] / region.size[0] / Math.hypot(matrix[0], matrix[1]),
  degrees: (Math.atan2(matrix[1], matrix[0]) * 180) / Math.PI,
  mirrored: matrix[0] * matrix[4] - matrix[1] * matrix[3] < 0,
});
const share = (items: readonly boolean[]) => items.filter(Boolean).length / items.length;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

/** Φ-based moments of N(0, 1) clipped to ± 1 and ± 2: deviations 0.7183 and 0.9594. Four thousand draws: ± 4 standard errors. */
describe('augmentation draws from the reference distributions', () => {
  it('scale: 1 + 0.3·N clipped to 1 ± 0.3', () => {
    const factors = many({ flip: 0, rotation: 0 }).map((sample) => geometry(sample).factor);
    expect(Math.min(...factors)).toBeCloseTo(0.7, 6);
    expect(Math.max(...factors)).toBeCloseTo(1.3, 6);
    expect(Math.abs(mean(factors) - 1)).toBeLessThan(0.014);
    expect(Math.abs(deviation(factors) - 0.3 * 0.7183)).toBeLessThan(0.008);
    expect(Math.abs(share(factors.map((factor) => Math.abs(factor - 1) > 0.2999999)) - 0.3173)).toBeLessThan(0.03);
  });

  it('rotation: 40·N clipped to ± 80, six times in ten', () => {
    const angles = many({ flip: 0, scale: 0 }).map((sample) => geometry(sample).degrees);
    const turned = angles.filter((angle) => angle !== 0);
    expect(Math.abs(turned.length / 4000 - 0.6)).toBeLessThan(0.031);
    expect(Math.max(...turned.map(Math.abs))).toBeCloseTo(80, 6);
    expect(Math.abs(deviation(turned) - 40 * 0.9594)).toBeLessThan(2);
    expect(Math.abs(mean(turned))).toBeLessThan(3.2);
  });

  it('flip: half of the time', () => {
    expect(Math.abs(share(many({}).map((sample) => geometry(sample).mirrored)) - 0.5)).toBeLessThan(0.032);
  });

  it('half body: with its probability, only with enough keypoints, upper in 69 %', () => {
    const upperBody = COCO.names.slice(0, 11);
    const options = { flip: 0, scale: 0, rotation: 0, halfBody: { upperBody, probability: 0.3, minimum: 3 } };
    const regions = many(options).map(({ crop }) => crop.matrix.join());
    const counts = new Map<string, number>();
    for (const key of regions) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [whole, upper, lower] = [...counts.values()].sort((a, b) => b - a).map((count) => count / 4000);
    expect(counts.size).toBe(3);
    expect(Math.abs(whole! - 0.7)).toBeLessThan(0.029);
    expect(Math.abs(upper! / (upper! + lower!) - 0.6915)).toBeLessThan(0.054);
    const never = many({ ...options, halfBody: { ...options.halfBody, minimum: 17 } }, 50);
    expect(new Set(never.map(({ crop }) => crop.matrix.join())).size).toBe(1);
    expect(() => draw({ halfBody: { upperBody: ['tail'], probability: 1 } }, 0)).toThrow('Received: "tail".');
  });

  it('colour: uniform gains; cutout: sides of 0.2–0.4 inside the input', () => {
    const samples = many({ color: 0.2, cutout: 0.5 });
    const gains = samples.flatMap(({ gains }) => gains!);
    expect(Math.min(...gains)).toBeGreaterThanOrEqual(0.8);
    expect(Math.max(...gains)).toBeLessThan(1.2);
    expect(Math.abs(deviation(gains) - 0.4 / Math.sqrt(12))).toBeLessThan(0.004);
    const holes = samples.flatMap(({ hole }) => (hole ? [hole] : []));
    expect(Math.abs(holes.length / 4000 - 0.5)).toBeLessThan(0.032);
    for (const [x, y, w, h] of holes) {
      expect(w >= 9 && w <= 20 && h >= 12 && h <= 26 && x >= 0 && y >= 0 && x + w <= 48 && y + h <= 64).toBe(true);
    }
  });
});

describe('augmentation is consistent', () => {
  it('moves keypoints with the pixels: the crop maps back to the same person', () => {
    for (let i = 0; i < 50; i++) {
      const sample = draw({}, i);
      const { mirrored } = geometry(sample);
      const back = sample.crop.toImage(mirrored ? exchangePairs(sample.keypoints, COCO) : sample.keypoints);
      back.xy.forEach((value, j) => expect(Math.abs(value - person.keypoints.xy[j]!)).toBeLessThan(1e-3));
      expect([...back.score]).toEqual([...person.keypoints.score]);
    }
  });

  it('depends on its keys only, and one switch does not disturb another', () => {
    expect(draw({}, 3)).toEqual({ ...draw({}, 3), crop: expect.anything() });
    expect(draw({}, 3).crop.matrix).toEqual(draw({}, 3).crop.matrix);
    expect(draw({}, 4).crop.matrix).not.toEqual(draw({}, 3).crop.matrix);
    for (let i = 0; i < 20; i++)
      expect(draw({ color: 0.2, cutout: 1 }, i).crop.matrix).toEqual(draw({}, i).crop.matrix);
  });

  it('flips as the reference: x = W − x − 1 in image and centre', () => {
    let seen = 0;
    for (let i = 0; i < 20; i++) {
      const sample = draw({ scale: 0, rotation: 0 }, i);
      if (!geometry(sample).mirrored) continue;
      seen++;
      const k = inputSize[0] / region.size[0];
      expect(sample.crop.matrix[0]).toBeCloseTo(-k, 10);
      expect(sample.crop.matrix[2]).toBeCloseTo(k * region.center[0] + inputSize[0] / 2, 8);
    }
    expect(seen).toBeGreaterThan(3);
  });
});

describe('topDown with augmentation', () => {
  beforeAll(() => tf.setBackend('cpu'));
  const options = { ...dataset, inputSize, batchSize: 5, seed: 3, normalization: 'unit' } as const;
  const read = async (augment: AugmentOptions, epoch = 0, firstBatch = 0) => {
    const out: { pixels: Float32Array; xy: number[][] }[] = [];
    for await (const { images, people } of topDown({ ...options, augment, epoch, firstBatch })) {
      out.push({ pixels: (await images.data()) as Float32Array, xy: people.map(({ xy }) => [...xy]) });
      images.dispose();
    }
    return out;
  };

  it('is the same again, differs by epoch, and resumes', async () => {
    const augment = { keypointSet: COCO, color: 0.2, cutout: 0.5 };
    const first = await read(augment);
    expect(await read(augment)).toEqual(first);
    expect((await read(augment, 1))[0]!.pixels).not.toEqual(first[0]!.pixels);
    expect(await read(augment, 0, 2)).toEqual(first.slice(2));
  });

  it('blackens holes and clips gains to the range of the image', async () => {
    const augment = { keypointSet: COCO, flip: 0, scale: 0, rotation: 0 };
    const [plain, changed] = [await read(augment), await read({ ...augment, color: 0.9, cutout: 1 })];
    let black = 0;
    for (const [n, { pixels }] of changed.entries()) {
      for (const value of pixels) expect(value >= 0 && value <= 1).toBe(true);
      for (let i = 0; i < pixels.length; i++) if (pixels[i] === 0 && plain[n]!.pixels[i]! > 0.02) black++;
    }
    expect(black).toBeGreaterThan(1000);
  });

  it('gives each sample to a step of your own, with random numbers that are drawn again alike', async () => {
    const seen: number[] = [];
    const then: NonNullable<AugmentOptions['then']> = ({ keypoints, ...rest }, { person, random }) => {
      const by = random.uniform(1, 2);
      seen.push(person.id, by);
      return { ...rest, keypoints: { ...keypoints, xy: keypoints.xy.map((v) => v + by) } };
    };
    const augment = { keypointSet: COCO };
    const [plain, moved] = [await read(augment), await read({ ...augment, then })];
    const first = seen.splice(0);
    expect(await read({ ...augment, then })).toEqual(moved);
    expect(seen).toEqual(first);
    expect(moved.map(({ pixels }) => pixels)).toEqual(plain.map(({ pixels }) => pixels));
    const shifts = moved.flatMap(({ xy }, b) => xy.map((one, n) => one[0]! - plain[b]!.xy[n]![0]!));
    shifts.forEach((shift, n) => expect(shift).toBeCloseTo(first[2 * n + 1]!, 4));
    await expect(read({ ...augment, then: () => ({}) as never })).rejects.toThrow(
      'augment: then must return { crop, keypoints }, with 17 keypoints',
    );
  });

  it('refuses a crop of its own beside augmentation', () => {
    const crop = () => draw({}, 0).crop;
    expect(() => topDown({ ...options, crop, augment: { keypointSet: COCO } })).toThrow(
      'crop and augment must not both',
    );
  });
});
