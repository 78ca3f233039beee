import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { syntheticWalk } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { predictFiles, videoInfo } from 'poseblocks/video/node';
import { describeWhere } from '../support/describe-where';
import { hasFfmpeg } from '../support/ffmpeg';
import { humanModels, noHumanModels } from '../support/human-models';
import { runCommand } from '../support/run-command';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-predict-video-'));
const video = join(folder, 'walk.mp4');
const [WIDTH, HEIGHT, RATE, COUNT] = [320, 240, 10, 12];
const MODEL = 'weights/synthetic-small.safetensors';
const walk = syntheticWalk({ seed: 4, imageSize: [WIDTH, HEIGHT], walkers: [{}, { from: 0.4 }] });

const readJson = <T>(...path: string[]): T => JSON.parse(readFileSync(join(folder, ...path), 'utf8')) as T;
type Results = readonly { image_id: number; track_id: number; bbox: [number, number, number, number] }[];

describeWhere('poseblocks predict with a video', hasFfmpeg ? null : 'ffmpeg is not installed', () => {
  beforeAll(async () => {
    await useEngine('wasm');
    const pixels = Buffer.concat(Array.from({ length: COUNT }, (_, i) => walk.at(i / RATE).image.data));
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(RATE), '-i', 'pipe:0'];
    const encoder = ['-c:v', 'mpeg4', '-q:v', '2', '-pix_fmt', 'yuv420p', '-y', video];
    execFileSync('ffmpeg', ['-v', 'error', ...raw, ...encoder], { input: pixels });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tracks a person, draws every picture, and spreads the sheet over the whole video', async () => {
    const args = [MODEL, video, '--out', join(folder, 'whole'), '--sheet', '2', '--engine', 'wasm'];
    const { code, out } = await runCommand(['predict', ...args, '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ pictures: COUNT, skipped: [] })]);
    const { images } = readJson<{ images: { id: number; time: number; width: number }[] }>('whole', 'images.json');
    expect(images.map(({ id, time }) => [id, Math.round(time * RATE)])).toEqual(images.map((_, i) => [i + 1, i]));
    const results = readJson<Results>('whole', 'results.json');
    expect(new Set(results.map(({ track_id }) => track_id))).toEqual(new Set([1]));
    const drawn = readdirSync(join(folder, 'whole/overlays/walk.mp4'));
    expect(drawn).toEqual(Array.from({ length: COUNT }, (_, i) => `${String(i + 1).padStart(6, '0')}.png`));

    // Two tiles of 240 × 180 with a caption; the second shows a picture of the second half.
    const sheet = await sharp(join(folder, 'whole/sheet.png'))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([sheet.info.width, sheet.info.height]).toEqual([480, 180 + 22]);
    const tile = await sharp(sheet.data, { raw: { width: 480, height: 202, channels: 3 } }).extract({ left: 240, top: 0, width: 240, height: 180 }).raw().toBuffer(); // prettier-ignore
    const distances = await Promise.all(
      drawn.map(async (name) => {
        const small = await sharp(join(folder, 'whole/overlays/walk.mp4', name)).resize(240, 180).removeAlpha().raw().toBuffer(); // prettier-ignore
        return small.reduce((sum, value, i) => sum + Math.abs(value - tile[i]!), 0);
      }),
    );
    expect(distances.indexOf(Math.min(...distances))).toBeGreaterThanOrEqual(COUNT / 2);
  });

  it('says how much of the video is done', async () => {
    expect(await videoInfo(video)).toEqual({ seconds: COUNT / RATE, fps: RATE });
    expect(await videoInfo(join(folder, 'none.mp4'))).toEqual({});
    const parts: number[] = [];
    const onProgress = (done: number, total: number): void => void parts.push(done / total);
    await predictFiles({ model: MODEL, sources: video, out: join(folder, 'parts'), overlay: false, sheet: 0, fps: 5, onProgress }); // prettier-ignore
    expect(parts.length).toBeGreaterThan(COUNT / 2 - 2);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts[0]).toBeLessThan(0.4);
    expect(parts.at(-1)).toBeGreaterThan(0.8);
  });

  describeWhere('and a detector', noHumanModels, () => {
    it.each(['movenet-multipose', 'nanodet'])('follows the people that %s finds', async (name) => {
      const args = [MODEL, video, '--detector', join(humanModels!, `${name}.json`), '--detect-every', '1', '--min-score', '0.2']; // prettier-ignore
      const { code } = await runCommand(['predict', ...args, '--out', join(folder, name), '--overlay', 'none', '--engine', 'wasm', '--json']); // prettier-ignore
      expect(code).toBe(0);
      const results = readJson<Results>(name, 'results.json');
      expect(results.length).toBeGreaterThan(COUNT / 2);
      const onPerson = results.filter(({ image_id, bbox }) => {
        const [x, y] = [bbox[0] + bbox[2] / 2, bbox[1] + bbox[3] / 2];
        const people = walk
          .at((image_id - 1) / RATE)
          .annotations.map((person) => person.bbox as Results[number]['bbox']);
        return people.some(([left, top, wide, high]) => x > left && x < left + wide && y > top && y < top + high);
      });
      // The small network loses a person who is half out of the picture.
      expect(onPerson.length / results.length).toBeGreaterThan(0.8);
    });

    it('names the detectors that can be used, for another model', async () => {
      const other = join(humanModels!, 'centernet.json');
      const { code, err } = await runCommand(['predict', MODEL, video, '--detector', other, '--engine', 'wasm', '--json']); // prettier-ignore
      expect([code, err]).toEqual([2, expect.stringContaining('must be MoveNet MultiPose, with an int32 input, or NanoDet')]); // prettier-ignore
      expect(err).toContain('[1, 512, 512, 3]');
    });
  });
});
