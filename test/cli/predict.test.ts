import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { evaluateCoco } from 'poseblocks/metrics';
import type { predictFiles } from 'poseblocks/video/node';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-predict-'));
const path = (name: string): string => join(folder, name);
const MODEL = 'weights/synthetic-small.safetensors';
const { json, images } = syntheticPeople({ seed: 7, count: 6, imageSize: [128, 128], people: [1, 1] });

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(['predict', ...args], { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const report = (text: string) => JSON.parse(text) as Awaited<ReturnType<typeof predictFiles>>;
const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
type Results = { image_id: number; category_id: number; keypoints: number[]; score: number; bbox: number[] }[];

beforeAll(async () => {
  await useEngine('wasm');
  mkdirSync(path('images'));
  writeFileSync(path('people.json'), JSON.stringify(json));
  for (const [i, { data, width, height }] of images.entries()) {
    const raw = { width, height, channels: 3 as const };
    await sharp(data, { raw })
      .png()
      .toFile(path(`images/${json.images[i]!.file_name}`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('poseblocks predict', () => {
  it('writes results that evaluate, a picture each and a sheet, and leaves no tensor', async () => {
    const before = memory().numTensors;
    const args = [MODEL, path('images'), '--boxes', path('people.json'), '--engine', 'wasm', '--out', path('boxes')];
    const { code, out } = await run(...args, '--json');
    expect(code).toBe(0);
    expect(report(out)).toMatchObject({ pictures: 6, people: 6, skipped: [], results: path('boxes/results.json') });
    const results = readJson<Results>(path('boxes/results.json'));
    expect(results.map(({ image_id }) => image_id)).toEqual(json.annotations.map(({ image_id }) => image_id));
    expect(evaluateCoco(results, json).AP).toBeGreaterThan(0);
    expect(readdirSync(path('boxes/overlays'))).toEqual(json.images.map(({ file_name: name }) => `${name}.png`));
    const { width, height } = await sharp(path(`boxes/overlays/${json.images[0]!.file_name}.png`)).metadata();
    expect([width, height]).toEqual([128, 128]);
    const sheet = await sharp(path('boxes/sheet.png')).metadata();
    expect([sheet.width, sheet.height]).toEqual([4 * 240, 2 * (240 + 22)]);
    expect(memory().numTensors).toBe(before);
  });

  it('gives what the estimator gives, picture by picture, whatever the batch', async () => {
    const model = await loadPoseModelFile(MODEL);
    const estimator = await createEstimator(model, { flipTest: true });
    const expected: number[][] = [];
    for (const [i, image] of images.entries()) {
      const box = json.annotations[i]!.bbox as [number, number, number, number];
      const [person] = await estimator.estimate(image, [box]);
      expected.push([...person!.xy]);
    }
    await estimator.dispose();
    model.network.dispose();
    for (const batch of ['1', '4']) {
      const to = path(`batch-${batch}`);
      const options = ['--boxes', path('people.json'), '--flip-test', '--batch', batch, '--overlay', 'none'];
      expect((await run(MODEL, path('images'), ...options, '--out', to, '--engine', 'wasm')).code).toBe(0);
      const found = readJson<Results>(join(to, 'results.json')).map(({ keypoints }) => keypoints);
      found.forEach((keypoints, n) => {
        const xy = keypoints.filter((_, i) => i % 3 !== 2);
        xy.forEach((value, i) => expect(Math.abs(value - expected[n]![i]!)).toBeLessThan(1e-3));
      });
      expect(existsSync(join(to, 'overlays'))).toBe(false);
    }
  });

  it('takes a detector’s list, patterns, ONNX files and SVG; numbers images without a file of boxes', async () => {
    const model = await loadPoseModelFile(MODEL);
    writeFileSync(path('model.onnx'), await exportOnnx(model));
    model.network.dispose();
    const [first, second] = json.annotations;
    const found = [first!, second!].map(({ image_id, bbox }) => ({ image_id, bbox, category_id: 1, score: 0.5 }));
    writeFileSync(path('detections.json'), JSON.stringify([...found, { ...found[0]!, category_id: 18 }]));
    const boxes = ['--boxes', path('detections.json'), '--annotations', path('people.json')];
    const listed = await run(path('model.onnx'), path('images/*.png'), ...boxes, '--overlay', 'svg', '--out', path('list'), '--json'); // prettier-ignore
    expect(report(listed.out)).toMatchObject({ pictures: 6, people: 2 });
    const [one] = readJson<Results>(path('list/results.json'));
    const [same] = readJson<Results>(path('boxes/results.json'));
    expect(one!.score).toBeCloseTo(same!.score / 2, 3);
    one!.keypoints.forEach((value, i) => expect(Math.abs(value - same!.keypoints[i]!)).toBeLessThan(2e-2));
    const svg = readFileSync(path(`list/overlays/${json.images[0]!.file_name}.svg`), 'utf8');
    expect(svg).toMatch(/^<svg .*<image href="data:image\/jpeg;base64,/);

    const whole = await run(MODEL, path(`images/${json.images[1]!.file_name}`), '--out', path('whole'), '--engine', 'wasm', '--json'); // prettier-ignore
    expect(report(whole.out)).toMatchObject({ pictures: 1, people: 1 });
    expect(readJson<Results>(path('whole/results.json'))[0]).toMatchObject({ image_id: 1, bbox: [0, 0, 128, 128] });
    expect(readJson<{ images: object[] }>(path('whole/images.json')).images).toEqual([
      { id: 1, file_name: json.images[1]!.file_name, width: 128, height: 128 },
    ]);
  });

  it('leaves out what cannot be read, says so, and ends with 1', async () => {
    mkdirSync(path('mixed'));
    writeFileSync(path('mixed/a.png'), 'none');
    writeFileSync(path('mixed/b.png'), readFileSync(path(`images/${json.images[0]!.file_name}`)));
    const { code, out, err } = await run(MODEL, path('mixed'), '--out', path('of-mixed'), '--engine', 'wasm');
    expect([code, out]).toEqual([1, expect.stringMatching(/^1 people in 1 images, [\d.]+ s: /)]);
    expect(err).toContain('a.png is skipped: ');
    expect(err).toContain('must be a readable image');
  });

  it('refuses what cannot be meant, in one line', async () => {
    const images = path('images');
    const wrong: [string[], string][] = [
      [[], 'predict: a model and an image, folder, pattern or video must be given. Received: neither.'],
      [[MODEL], 'must be given'],
      [[path('none.safetensors'), images], 'the file must be readable'],
      [[MODEL, path('nowhere')], 'the file or folder must exist'],
      [[MODEL, path('images/*.gif')], 'the pattern must match'],
      [[MODEL, path('people.json')], 'files must be images'],
      [[MODEL, images, '--boxs', 'x'], 'the option must exist. Received: --boxs. Did you mean --boxes?'],
      [[MODEL, images, '--batch', '0'], '--batch must be a whole number from 1. Received: 0.'],
      [[MODEL, images, '--out'], '--out must be followed by a value'],
      [
        [MODEL, images, '--boxes', path('people.json'), '--detector', 'x.onnx'],
        'boxes and detector must not both be given',
      ],
      [[MODEL, images, '--detector', path('none.onnx')], 'detectorFile: the file must exist'],
    ];
    for (const [args, message] of wrong) {
      const { code, err } = await run(...args, ...(args.length > 1 ? ['--json'] : []));
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
      expect(err.split('\n')).toHaveLength(1);
    }
  });
});
