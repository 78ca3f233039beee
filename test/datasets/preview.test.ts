import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from 'poseblocks/cli';
import {
  NORMALIZATIONS,
  previewHtml,
  previewSamples,
  previewSvg,
  samplesOfBatch,
  syntheticPeople,
  topDown,
} from 'poseblocks/datasets';
import { COCO } from 'poseblocks/keypoints';
import { gaussianCodec, offsetCodec, simccCodec } from 'poseblocks/targets';
import sharp from 'sharp';
import { expect, it } from 'vitest';

const { persons, readImage, json, images } = syntheticPeople({ seed: 8, count: 5, imageSize: [64, 64] });
const codec = gaussianCodec({ inputSize: [24, 32], heatmapSize: [12, 16], sigma: 1 });
const options = { persons, readImage, codec, seed: 2, epoch: 3, augment: { keypointSet: COCO, cutout: 1 } };

it('shows the very numbers that topDown and the codec give, augmented alike', async () => {
  await tf.setBackend('cpu');
  const samples = await previewSamples({ ...options, count: 4 });
  for await (const batch of topDown({ ...options, batchSize: 4 })) {
    const { target: heatmaps, weights } = codec.encodeBatch(batch.people);
    const seen = await samplesOfBatch({ ...batch, target: heatmaps, weights }, NORMALIZATIONS.imagenet);
    expect(samples).toEqual(seen);
    tf.dispose([batch.images, heatmaps, weights]);
    break;
  }
  expect(samples.map(({ heatmaps }) => heatmaps!.shape)).toEqual(samples.map(() => [16, 12, 17]));
});

it('draws the pixels before normalisation, whichever way they were normalised', async () => {
  const picture = async (normalization: 'imagenet' | 'imagenet-bgr' | 'unit'): Promise<Buffer> => {
    const [sample] = await previewSamples({ persons, readImage, codec, normalization, count: 1 });
    const svg = previewSvg([{ ...sample!, heatmaps: undefined } as unknown as typeof sample & object], {
      keypointSet: COCO,
    });
    const [, base64] = /base64,([^"]+)"/.exec(svg)!;
    return sharp(Buffer.from(base64!, 'base64')).raw().toBuffer();
  };
  const unit = await picture('unit');
  for (const name of ['imagenet', 'imagenet-bgr'] as const) {
    const other = await picture(name);
    expect(Math.max(...unit.map((value, i) => Math.abs(value - other[i]!)))).toBeLessThanOrEqual(1);
  }
});

it('writes a page with a section for each person, and a picture', async () => {
  const samples = await previewSamples({ ...options, count: 2 });
  const html = previewHtml(samples, { keypointSet: COCO });
  expect(html.match(/<section /g)?.length).toBe(2);
  expect(html).toContain(`${samples[0]!.person.fileName}, person ${samples[0]!.person.id}`);
  expect(html).toContain('left_ankle');
  expect(html).toContain('target: 17 maps of 12 × 16 cells');
  const offsets = await previewSamples({ ...options, codec: offsetCodec({ inputSize: [24, 32], heatmapSize: [12, 16] }), count: 1 }); // prettier-ignore
  expect(previewHtml(offsets, { keypointSet: COCO })).toContain('nose Δx');
  const simcc = await previewSamples({ ...options, codec: simccCodec({ inputSize: [24, 32] }), count: 1 });
  expect(previewHtml(simcc, { keypointSet: COCO })).not.toContain('target:');
  const { width, height } = await sharp(Buffer.from(previewSvg(samples, { keypointSet: COCO }))).metadata();
  expect(width).toBeGreaterThan(400);
  expect(height).toBeGreaterThanOrEqual(2 * (320 + 40));
  const arm = { ...COCO, name: 'arm', names: ['a', 'b'] };
  expect(() => previewHtml(samples, { keypointSet: arm })).toThrow('must have the 2 keypoints of arm. Received: 17.');
  await expect(previewSamples({ ...options, count: 0 })).rejects.toThrow('count must be a positive integer');
});

it('is a command', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-preview-'));
  for (const [i, { width, height, data }] of images.entries()) {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, json.images[i]!.file_name));
  }
  writeFileSync(join(folder, 'a.json'), JSON.stringify(json));
  const lines: string[] = [];
  const io = { print: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
  const run = (...more: string[]) =>
    main(['preview', '--annotations', join(folder, 'a.json'), '--images', folder, '--input', '48x64', ...more], io);
  expect(await run('--out', join(folder, 'p.html'), '--count', '2', '--seed', '1', '--augment')).toBe(0);
  expect(lines[0]).toBe(`2 of ${persons.length} persons: ${join(folder, 'p.html')}`);
  expect(readFileSync(join(folder, 'p.html'), 'utf8')).toContain('48 × 64 pixels');
  expect(await run('--out', join(folder, 'p.png'), '--count', '1')).toBe(0);
  expect((await sharp(join(folder, 'p.png')).metadata()).format).toBe('png');
  expect(await run('--out', 'p.txt')).toBe(2);
  expect(await run('--input', '48')).toBe(2);
  expect(lines.at(-1)).toContain('--input must be WIDTHxHEIGHT');
  rmSync(folder, { recursive: true });
});
