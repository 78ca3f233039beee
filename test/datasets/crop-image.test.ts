import fc from 'fast-check';
import { cropImage, rgbImage, type Normalization, type RgbImage } from 'poseblocks/datasets';
import { cropFromMatrix, type Affine, type Crop } from 'poseblocks/geometry';
import { seededRandom } from 'poseblocks/random';
import { describe, expect, it } from 'vitest';

function noise(width: number, height: number, seed = 1): RgbImage {
  const random = seededRandom(seed);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}

/** Four-tap bilinear, as the formula says it: slow, and independent of the code under test. */
function reference({ width, height, data }: RgbImage, crop: Crop, { channels, mean, std }: Normalization): number[] {
  const [a, b, c, d, e, f] = crop.inverse;
  const [x0, y0, w, h] = crop.window ?? [0, 0, width, height];
  const pixel = (x: number, y: number, k: number) =>
    x >= Math.max(0, Math.floor(x0)) &&
    x < Math.min(width, Math.ceil(x0 + w)) &&
    y >= Math.max(0, Math.floor(y0)) &&
    y < Math.min(height, Math.ceil(y0 + h))
      ? data[3 * (y * width + x) + k]!
      : 0;
  const out: number[] = [];
  for (let row = 0; row < crop.inputSize[1]; row++) {
    for (let column = 0; column < crop.inputSize[0]; column++) {
      const u = a * column + b * row + c;
      const v = d * column + e * row + f;
      const [x, y] = [Math.floor(u), Math.floor(v)];
      for (let k = 0; k < 3; k++) {
        const from = channels === 'rgb' ? k : 2 - k;
        const value =
          (x + 1 - u) * (y + 1 - v) * pixel(x, y, from) +
          (u - x) * (y + 1 - v) * pixel(x + 1, y, from) +
          (x + 1 - u) * (v - y) * pixel(x, y + 1, from) +
          (u - x) * (v - y) * pixel(x + 1, y + 1, from);
        out.push((value / 255 - mean[k]!) / std[k]!);
      }
    }
  }
  return out;
}

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

describe('cropImage', () => {
  const within = (min: number, max: number) =>
    fc.integer({ min: 0, max: 1e6 }).map((i) => min + ((max - min) * i) / 1e6);
  /** Rotation, scale on each axis (mirrored or not), shear and offset: any invertible affine. */
  const affine = fc
    .tuple(
      within(-Math.PI, Math.PI),
      within(0.2, 2),
      fc.constantFrom(-1, 1),
      within(-1, 1),
      within(-20, 20),
      within(-20, 20),
    )
    .map(([angle, scale, mirror, shear, x, y]): Affine => {
      const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
      return [mirror * cos, sin + shear * cos, x, -mirror * sin, cos - shear * sin, y];
    });

  it('equals the bilinear formula for any affine, with or without a window', () => {
    const image = noise(23, 17);
    const window = fc.option(fc.constant([3.2, 2, 12.5, 9] as const), { nil: undefined });
    fc.assert(
      fc.property(affine, window, fc.constantFrom('rgb' as const, 'bgr' as const), (matrix, part, channels) => {
        const crop = cropFromMatrix(matrix, [11, 13], part);
        const got = cropImage(image, crop, { normalization: { channels, ...imagenet } });
        const want = reference(image, crop, { channels, ...imagenet });
        expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThan(2e-6);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('is the identity, byte for byte, under the identity', () => {
    const image = noise(8, 6);
    const got = cropImage(image, cropFromMatrix([1, 0, 0, 0, 1, 0], [8, 6]), { normalization: 'unit' });
    expect([...got].map((value) => Math.round(255 * value))).toEqual([...image.data]);
  });

  it.each([
    ['imagenet', [(1 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0 - 0.406) / 0.225]],
    ['imagenet-bgr', [(0 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (1 - 0.406) / 0.225]],
    ['mpii-mean', [1 - 0.4404, 0.4 - 0.444, 0 - 0.4327]],
    ['unit', [1, 0.4, 0]],
  ] as const)('normalises by name: %s', (normalization, want) => {
    const image = { width: 1, height: 1, data: Uint8Array.of(255, 102, 0) };
    const got = cropImage(image, cropFromMatrix([1, 0, 0, 0, 1, 0], [1, 1]), { normalization });
    want.forEach((value, c) => expect(got[c]).toBeCloseTo(value, 6));
  });

  it('is black before normalisation outside the image', () => {
    const away: Affine = [1, 0, 1000, 0, 1, 0];
    const got = cropImage(noise(8, 6), cropFromMatrix(away, [2, 2]));
    for (let i = 0; i < 4; i++) expect(got[3 * i]).toBeCloseTo(-0.485 / 0.229, 6);
  });

  it('writes into a slot of a batch, and only there', () => {
    const image = noise(8, 6);
    const crop = cropFromMatrix([1, 0, 0, 0, 1, 0], [4, 4]);
    const batch = new Float32Array(3 * 48).fill(9);
    cropImage(image, crop, { out: batch.subarray(48, 96) });
    expect([...batch.subarray(48, 96)]).toEqual([...cropImage(image, crop)]);
    expect(batch.filter((value) => value === 9)).toHaveLength(96);
    expect(() => cropImage(image, crop, { out: batch })).toThrow('out must hold 3 × 4 × 4 values. Received: 144.');
  });

  it('rejects a normalisation that is none', () => {
    const crop = cropFromMatrix([1, 0, 0, 0, 1, 0], [4, 4]);
    expect(() => cropImage(noise(4, 4), crop, { normalization: 'toString' as 'unit' })).toThrow(
      'must be one of imagenet',
    );
    const flat = { channels: 'rgb', mean: [0, 0, 0], std: [1, 0, 1] } as const;
    expect(() => cropImage(noise(4, 4), crop, { normalization: flat })).toThrow('those of std not 0');
  });
});

describe('rgbImage', () => {
  it('takes grey, RGB and RGBA', () => {
    expect([...rgbImage({ width: 2, height: 1, data: Uint8Array.of(1, 2) }).data]).toEqual([1, 1, 1, 2, 2, 2]);
    expect([...rgbImage({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) }).data]).toEqual([1, 2, 3]);
    expect([...rgbImage({ width: 1, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 4) }).data]).toEqual([1, 2, 3]);
    expect(() => rgbImage({ width: 2, height: 2, data: new Uint8Array(5) })).toThrow('Received: 5 bytes for 2 × 2.');
  });
});
