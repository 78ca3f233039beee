import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { augmentSample, epochOrder, personCrop, personRegion, syntheticPeople } from 'poseblocks/datasets';
import { cropFromMatrix } from 'poseblocks/geometry';
import { COCO, mirrorOrder } from 'poseblocks/keypoints';
import { seededRandom } from 'poseblocks/random';
import { epochScale, gaussianCodec, simccCodec, type AnyCodec } from 'poseblocks/targets';
import { pythonJson, sayNoPython, trainingPython } from '../support/python';
import { doubles, floats, HARNESS, largest } from './harness';

const python = trainingPython()!;
if (python === undefined) sayNoPython();
const SCRIPTS = resolve('src/handover/python');

describe.skipIf(python === undefined)('data.py', { timeout: 120_000 }, () => {
  it('has the order, the augmentation and the targets of poseblocks, in numpy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'poseblocks-numbers-'));
    const { persons } = syntheticPeople({ seed: 1, count: 24, imageSize: [160, 160] });
    const [inputSize, size, epoch, seed] = [[48, 64], [80, 100], 7, 11] as const;
    const augmentation = { flip: 0.5, scale: 0.3, rotation: 40, color: 0.2, cutout: 0.5 };
    const random = seededRandom(5);
    const points = persons.map(() => ({
      frame: 'input' as const,
      xy: Float32Array.from({ length: 34 }, (_, i) => random.uniform(-20, i % 2 === 0 ? 68 : 84)),
      score: Float32Array.from({ length: 17 }, () => random.integer(3)),
    }));
    const heatmapSize = [12, 16] as const;
    const codecs: Record<string, { codec: AnyCodec; epochScale: { start: number; minimum: number } | null }> = {
      rounded: { codec: gaussianCodec({ inputSize, heatmapSize }), epochScale: null },
      'odd sigma': { codec: gaussianCodec({ inputSize, heatmapSize, sigma: 1.7, truncate: 2.2 }), epochScale: null },
      exact: { codec: gaussianCodec({ inputSize, heatmapSize, center: 'exact' }), epochScale: null },
      truncated: { codec: gaussianCodec({ inputSize, heatmapSize, center: 'exact', truncate: 2 }), epochScale: null },
      udp: { codec: gaussianCodec({ inputSize, heatmapSize, align: 'centers' }), epochScale: null },
      'exact udp': { codec: gaussianCodec({ inputSize, heatmapSize, align: 'centers', center: 'exact' }), epochScale: null },
      'epoch-scaled': { codec: gaussianCodec({ inputSize, heatmapSize }), epochScale: { start: 100, minimum: 1 } },
      simcc: { codec: simccCodec({ inputSize, split: 2, sigma: [4.9, 5.66] }), epochScale: null },
      'normalized simcc': { codec: simccCodec({ inputSize, split: 3, normalize: true }), epochScale: null },
    }; // prettier-ignore
    // How a person is stored, as the shards' writer does it.
    const stored = persons.map((person) => {
      const [a, b, c, d, e, f] = personCrop(person, inputSize).matrix;
      return cropFromMatrix([a, b, c + 16, d, e, f + 18], size);
    });
    const moved = persons.map(({ keypoints: { xy } }, n) => {
      const [a, b, c, d, e, f] = stored[n]!.matrix;
      return COCO.names.map((_, k) => [
        a * xy[2 * k]! + b * xy[2 * k + 1]! + c,
        d * xy[2 * k]! + e * xy[2 * k + 1]! + f,
      ]);
    });
    const request = {
      settings: {
        inputSize,
        seed,
        augmentation,
        crop: { size, align: 'edges' },
        keypoints: { flipIndices: mirrorOrder(COCO) },
      },
      epoch,
      count: 1000,
      indices: persons.map((_, i) => i),
      keypoints: moved,
      visibility: persons.map(({ keypoints }) => [...keypoints.score]),
      points: {
        xy: points.map(({ xy }) => COCO.names.map((_, k) => [xy[2 * k], xy[2 * k + 1]])),
        score: points.map(({ score }) => [...score]),
      },
      codecs: Object.fromEntries(
        Object.entries(codecs).map(([name, { codec, epochScale }]) => [name, { json: codec.toJSON(), epochScale }]),
      ),
    };
    const { scattered } = await pythonJson<{ scattered: boolean[] }>(python, [HARNESS, SCRIPTS, 'numbers', folder], {
      input: JSON.stringify(request),
    });
    expect(scattered).toEqual([true, true, true, true, true]);
    expect([...(await doubles(folder, 'order'))]).toEqual([...epochOrder(1000, seed, epoch)]);

    const [forward, gains, holes, xy, seen] = await Promise.all(['forward', 'gains', 'holes', 'moved', 'seen'].map((name) => doubles(folder, name))); // prettier-ignore
    for (const [n, person] of persons.entries()) {
      const region = personRegion(person, inputSize);
      const sample = augmentSample(person, region, inputSize, { keypointSet: COCO, ...augmentation }, seededRandom(seed, epoch, n)); // prettier-ignore
      const [a, b, c, d, e, f] = forward!.subarray(6 * n, 6 * n + 6);
      const [p, q, r, s, t, u] = stored[n]!.matrix;
      const matrix = [a! * p + b! * s, a! * q + b! * t, a! * r + b! * u + c!, d! * p + e! * s, d! * q + e! * t, d! * r + e! * u + f!]; // prettier-ignore
      expect(largest(matrix, sample.crop.matrix)).toBeLessThan(1e-9);
      expect(largest(gains!.subarray(3 * n, 3 * n + 3), sample.gains!)).toBeLessThan(1e-15);
      expect([...holes!.subarray(4 * n, 4 * n + 4)]).toEqual([...(sample.hole ?? [0, 0, 0, 0])]);
      expect(largest(xy!.subarray(34 * n, 34 * n + 34), sample.keypoints.xy)).toBeLessThan(1e-4);
      expect([...seen!.subarray(17 * n, 17 * n + 17)]).toEqual([...sample.keypoints.score]);
    }
    for (const [name, { codec, epochScale: scale }] of Object.entries(codecs)) {
      const own = scale ? gaussianCodec({ inputSize, heatmapSize, factor: epochScale(scale)(epoch) }) : codec;
      const { target, weights } = own.encodeArrays(points);
      expect(largest(await floats(folder, `${name}.weights`), weights.values), name).toBe(0);
      for (const [i, { values }] of target.entries()) {
        expect(largest(await floats(folder, `${name}.${i}`), values), name).toBe(0);
      }
    }
    await rm(folder, { recursive: true });
  });
});
