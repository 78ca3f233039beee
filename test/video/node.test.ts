import { syntheticWalk } from 'poseblocks/datasets';
import { imageFiles, videoFile } from 'poseblocks/video/node';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { hasFfmpeg } from '../support/ffmpeg';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-video-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('imageFiles', () => {
  const images = join(folder, 'images');
  beforeAll(async () => {
    mkdirSync(images);
    const red = sharp({ create: { width: 30, height: 20, channels: 3, background: '#f00' } });
    await red.clone().png().toFile(join(images, 'b.png'));
    await red.clone().jpeg().withMetadata({ orientation: 6 }).toFile(join(images, 'a.jpg'));
    writeFileSync(join(images, 'notes.txt'), 'none');
    writeFileSync(join(folder, 'broken.png'), 'none');
    mkdirSync(join(folder, 'empty'));
  });

  it('gives the images of a directory by name, upright', async () => {
    const found = await all(imageFiles(images));
    expect(found.map(({ path, image: { width, height } }) => [path, width, height])).toEqual([
      [join(images, 'a.jpg'), 20, 30],
      [join(images, 'b.png'), 30, 20],
    ]);
    expect([...found[1]!.image.data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  it('says what is missing or no image', async () => {
    await expect(all(imageFiles([join(folder, 'absent')]))).rejects.toThrow(
      'imageFiles: the file or folder must exist. Received:',
    );
    await expect(all(imageFiles(join(folder, 'broken.png')))).rejects.toThrow('broken.png must be a readable image');
    await expect(all(imageFiles(join(folder, 'empty')))).rejects.toThrow('the folder must hold JPEG');
  });
});

describe('videoFile', () => {
  it('names the program where it is not installed', async () => {
    const file = join(folder, 'some.mp4');
    writeFileSync(file, 'none');
    await expect(all(videoFile(file, { ffmpeg: 'no-such-program' }))).rejects.toThrow(
      "must be installed. Received: no 'no-such-program'. Install it: apt-get install ffmpeg",
    );
  });

  describeWhere('with ffmpeg', hasFfmpeg ? null : 'ffmpeg is not installed', () => {
    const file = join(folder, 'walk.avi');
    const walk = syntheticWalk({ seed: 1, imageSize: [160, 120] });
    beforeAll(() => {
      const pixels = Buffer.concat(Array.from({ length: 12 }, (_, i) => walk.at(i / 10).image.data));
      const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '160x120', '-r', '10', '-i', 'pipe:0'];
      execFileSync('ffmpeg', ['-v', 'error', ...raw, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', '-y', file], {
        input: pixels,
      });
    });

    it('gives every picture with its time', async () => {
      const found = await all(videoFile(file));
      expect(found.map(({ time }) => Math.round(100 * time))).toEqual(Array.from({ length: 12 }, (_, i) => 10 * i));
      found.forEach(({ image }, i) => expect(Buffer.compare(image.data, walk.at(i / 10).image.data)).toBe(0));
    });

    it('gives fewer and smaller pictures, and stops when told to', async () => {
      const small = await all(videoFile(file, { fps: 5, longest: 80 }));
      expect(small.length).toBeGreaterThanOrEqual(6);
      expect(small.length).toBeLessThanOrEqual(7);
      expect([small[0]!.image.width, small[0]!.image.height]).toEqual([80, 60]);
      for await (const { time } of videoFile(file)) if (time > 0.25) break;
      const stop = new AbortController();
      let seen = 0;
      for await (const _ of videoFile(file, { signal: stop.signal })) if (++seen === 3) stop.abort();
      expect(seen).toBe(3);
    });

    it('says what is no video', async () => {
      const broken = join(folder, 'broken.mp4');
      writeFileSync(broken, 'none');
      await expect(all(videoFile(broken))).rejects.toThrow('broken.mp4 must be a video that ffmpeg reads. Received: ');
      await expect(all(videoFile(join(folder, 'absent.mp4')))).rejects.toThrow('videoFile: the file must exist.');
    });
  });
});
