import { colorMap, heatmapGridSvg, imageDataUrl } from 'poseblocks/visualize';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { all } from './parse-svg';

const bytesOf = (url: string): Buffer => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
const noise = (count: number, seed = 1): Uint8Array => {
  let state = seed;
  return Uint8Array.from({ length: count }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16);
};

describe('imageDataUrl', () => {
  test.each([
    ['grey', 1],
    ['RGB', 3],
    ['RGBA', 4],
  ])('sharp reads back every byte of %s pixels', async (_, channels) => {
    const pixels = noise(7 * 5 * channels);
    const { data, info } = await sharp(bytesOf(imageDataUrl(pixels, [7, 5]))).raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
    expect([info.width, info.height]).toEqual([7, 5]);
    const every = info.channels / channels; // sharp gives grey as sRGB
    expect(Uint8Array.from(pixels, (_, i) => data[i * every]!)).toEqual(pixels);
  });

  test('bytes that do not fit the size are an error', () => {
    expect(() => imageDataUrl(new Uint8Array(11), [2, 2])).toThrow(
      new RangeError(
        'imageDataUrl: pixels must hold 1, 3 or 4 bytes for each pixel of the size. Received: 11 bytes for 2×2.',
      ),
    );
    expect(() => imageDataUrl(new Uint8Array(0), [0, 2])).toThrow(
      new RangeError('imageDataUrl: size must be a positive whole [width, height]. Received: [0, 2].'),
    );
  });
});

describe('colorMap', () => {
  // Values of matplotlib 3: cm.magma and cm.viridis at 0, 64, 128, 192 and 255.
  test.each([
    ['magma', [[0, 0, 4], [81, 18, 124], [183, 55, 121], [252, 137, 97], [252, 253, 191]]], // prettier-ignore
    ['viridis', [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]], // prettier-ignore
    ['gray', [[0, 0, 0], [64, 64, 64], [128, 128, 128], [192, 192, 192], [255, 255, 255]]], // prettier-ignore
  ] as const)('%s is within 3/255 of the original, and its lightness rises', (name, expected) => {
    const map = colorMap(name);
    [0, 64, 128, 192, 255].forEach((at, i) => {
      map[at]!.forEach((value, c) => expect(Math.abs(value - expected[i]![c]!)).toBeLessThanOrEqual(3));
    });
    const lightness = map.map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
    lightness.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(lightness[i]! - 0.5));
  });

  test('unknown names and useless counts are errors', () => {
    expect(() => colorMap('jet' as 'magma')).toThrow(
      new RangeError('colorMap: name must be one of magma, viridis, gray. Received: jet.'),
    );
    expect(() => colorMap('gray', 1)).toThrow(RangeError);
  });
});

describe('heatmapGridSvg', () => {
  const shape = [4, 3, 2] as const;
  // Map 0 rises from 0 to 11, map 1 is a tenth of it.
  const data = Float32Array.from({ length: 24 }, (_, i) => Math.floor(i / 2) * (i % 2 === 0 ? 1 : 0.1));
  const grays = async (svg: string): Promise<number[][]> =>
    Promise.all(
      all(svg, 'image')
        .slice(0, 2)
        .map(async ({ attributes }) => {
          const { data: raw, info } = await sharp(bytesOf(attributes.href!))
            .raw()
            .toBuffer({ resolveWithObject: true });
          expect([info.width, info.height]).toEqual([3, 4]);
          return Array.from({ length: 12 }, (_, i) => raw[i * info.channels]!);
        }),
    );
  const ramp = (top: number): number[] => Array.from({ length: 12 }, (_, i) => Math.round((255 * Math.round((254 * i * top) / 11)) / 254)); // prettier-ignore

  test.each([
    ['shared', 1, 0.1],
    ['each', 1, 1],
    [[0, 22], 0.5, 0.05],
  ] as const)('scale %j: the pixels are the values', async (scale, first, second) => {
    expect(await grays(heatmapGridSvg({ data, shape }, { scale, colors: 'gray' }))).toEqual([
      ramp(first),
      ramp(second),
    ]);
  });

  test('names, maxima, peaks and the colour bar', () => {
    const svg = heatmapGridSvg({ data, shape }, { names: ['left_wrist', 'a<b'], cellWidth: 90, columns: 1 });
    expect(all(svg, 'text').map(({ text }) => text)).toEqual(['left wrist', '11', 'a<b', '1.1', '11', '5.5', '0']);
    const [first, , second] = all(svg, 'circle');
    const [cell, below] = all(svg, 'image');
    for (const [ring, image] of [
      [first!, cell!],
      [second!, below!],
    ] as const) {
      // prettier-ignore
      expect(Number(ring.attributes.cx) - Number(image.attributes.x)).toBeCloseTo(75, 6);
      expect(Number(ring.attributes.cy) - Number(image.attributes.y)).toBeCloseTo(105, 6);
    }
    expect(Number(below!.attributes.y)).toBeGreaterThan(Number(cell!.attributes.y) + 120);
  });

  test('narrow cells show the name alone, unless values are not finite', () => {
    const words = (values: Float32Array): string[] =>
      all(heatmapGridSvg({ data: values, shape }, { names: ['left_shoulder', 'right_shoulder'], cellWidth: 60, scale: 'each' }), 'text').map(({ text }) => text); // prettier-ignore
    expect(words(data)).toEqual(['left shoulder', 'right shoulder']);
    expect(words(new Float32Array(24).fill(NaN))).toContain('12 not finite');
  });

  test('what is not finite is counted, shown in its own colour and not on the scale', () => {
    const broken = Float32Array.from(data, (value, i) => (i === 0 ? NaN : i === 2 ? Infinity : value));
    const svg = heatmapGridSvg({ data: broken, shape });
    expect(all(svg, 'text').map(({ text }) => text)).toContain('2 not finite');
    expect(all(svg, 'text').map(({ text }) => text).slice(-3)).toEqual(['11', '5.5', '0']); // prettier-ignore
  });

  test.each([0, 5, NaN])('maps that are %d everywhere', (value) => {
    const svg = heatmapGridSvg({ data: new Float32Array(24).fill(value), shape });
    expect(all(svg, 'image')).toHaveLength(3);
  });

  test('the crop is embedded once, and lies under transparent maps', async () => {
    const image = imageDataUrl(noise(36), [3, 4]);
    const svg = heatmapGridSvg({ data, shape }, { image });
    expect(svg.split(image)).toHaveLength(2);
    const crop = all(svg, 'image').find(({ attributes }) => attributes.href === image)!;
    expect(all(svg, 'use').map(({ attributes }) => attributes.href)).toEqual([
      `#${crop.attributes.id}`,
      `#${crop.attributes.id}`,
    ]);
    const over = all(svg, 'image').find(({ attributes }) => attributes.href !== image)!;
    const raw = await sharp(bytesOf(over.attributes.href!)).ensureAlpha().raw().toBuffer();
    expect([raw[3], raw[47]]).toEqual([0, 235]);
  });

  test('seventeen maps of 64×48 stay below 100 kB', () => {
    const [height, width, count] = [64, 48, 17];
    const maps = new Float32Array(height * width * count);
    for (let k = 0; k < count; k++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          maps[(y * width + x) * count + k] = Math.exp(-((x - 2 * k) ** 2 + (y - 3 * k) ** 2) / 8);
    const svg = heatmapGridSvg({ data: maps, shape: [height, width, count] });
    expect(svg.length).toBeLessThan(40_000);
  });

  test.each<[string, () => string, string]>([
    [
      'data',
      () => heatmapGridSvg({ data: [1], shape }),
      'data must fill the shape [height, width, keypoints]. Received: 1 values for [4, 3, 2].',
    ],
    [
      'names',
      () => heatmapGridSvg({ data, shape }, { names: ['a'] }),
      'names must hold one name per map. Received: 1 for 2.',
    ],
    [
      'scale',
      () => heatmapGridSvg({ data, shape }, { scale: [1, 1] }),
      'scale must be [low, high] with low < high. Received: [1, 1].',
    ],
    [
      'columns',
      () => heatmapGridSvg({ data, shape }, { columns: 0 }),
      'columns and cellWidth must be positive. Received: 0, 120.',
    ],
  ])('wrong %s are an error', (_, call, message) => {
    expect(call).toThrow(new RangeError(`heatmapGridSvg: ${message}`));
  });
});
