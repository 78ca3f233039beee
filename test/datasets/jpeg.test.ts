import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { seededRandom, syntheticPeople } from 'poseblocks/datasets';
import { decodeImage } from 'poseblocks/datasets/node';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { build, path } from '../../scripts/build-jpeg-simd';
import { decodeJpeg } from '../../src/datasets/jpeg/decode-jpeg';

const { images } = syntheticPeople({ seed: 9, count: 3, imageSize: [160, 128] });
const photographs = new URL('../../../shared/data/coco/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/jpeg/${name}.jpg`, import.meta.url));

function jpeg(i: number, size: [number, number], options: JpegOptions): Promise<Buffer> {
  const { data, width, height } = images[i % images.length]!;
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return image.resize(...size, { fit: 'fill' }).jpeg(options).toBuffer(); // prettier-ignore
}

/** That ours decodes the file as libjpeg does, bit for bit. */
async function expectSame(file: Buffer): Promise<void> {
  const ours = decodeJpeg(file)!;
  const theirs = await decodeImage(file);
  expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
  expect(Buffer.compare(ours.data, theirs.data)).toBe(0);
}

describe('decodeJpeg', () => {
  it('is committed as its source builds', async () => {
    expect(await build()).toBe(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'));
  });

  it('gives the bits of libjpeg: any size, quality and chroma', async () => {
    const sides = fc.integer({ min: 8, max: 90 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.tuple(sides, sides),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('4:2:0', '4:4:4'),
        fc.boolean(),
        async (i, size, quality, chromaSubsampling, optimiseCoding) =>
          expectSame(await jpeg(i, size, { quality, chromaSubsampling, optimiseCoding })),
      ),
      { numRuns: 150 },
    );
    await expectSame(fixture('422'));
  });

  it('gives the bits of libjpeg where values are extreme', async () => {
    const random = seededRandom(5);
    const noise = Uint8Array.from({ length: 3 * 64 * 64 }, () => (random.chance(0.5) ? 255 : 0));
    for (const quality of [1, 50, 100]) {
      await expectSame(await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } }).jpeg({ quality }).toBuffer()); // prettier-ignore
    }
  });

  it.skipIf(!existsSync(photographs))('gives the bits of libjpeg on photographs (needs ../shared/data)', async () => {
    for (const name of readdirSync(photographs).filter((file) => file.endsWith('.jpg'))) {
      await expectSame(readFileSync(new URL(name, photographs)));
    }
  });

  it.each(['progressive', 'cmyk', 'grey', 'restarts'])('leaves to others what it cannot read: %s', (name) => {
    expect(decodeJpeg(fixture(name))).toBeUndefined();
  });

  it('takes no damaged file, or reads it as libjpeg does', async () => {
    const whole = await jpeg(0, [50, 41], { quality: 80 });
    expect(decodeJpeg(whole)).toBeDefined();
    for (let length = 0; length < whole.length; length += 7) {
      expect(decodeJpeg(whole.subarray(0, length))).toBeUndefined();
    }
    const random = seededRandom(11);
    let taken = 0;
    for (let n = 0; n < 1500; n++) {
      const file = Buffer.from(whole);
      for (let i = random.integer(3); i >= 0; i--) file[random.integer(file.length)] = random.integer(256);
      if (decodeJpeg(file) === undefined) continue;
      taken++;
      await expectSame(file);
    }
    expect(taken).toBeGreaterThan(50);
  });
});
