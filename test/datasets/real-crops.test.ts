import { readFileSync } from 'node:fs';
import {
  cropImage,
  NORMALIZATIONS,
  personCrop,
  personWindowCrop,
  type Person,
  type RgbImage,
} from 'poseblocks/datasets';
import { imageFolder, readCocoFile, readMpiiFile } from 'poseblocks/datasets/node';
import type { Size } from 'poseblocks/keypoints';
import { cropFromMatrix, type Affine, type Crop } from 'poseblocks/geometry';
import { describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';

const [coco, mpii] = [photographs('coco'), photographs('mpii')];
const fixtures = new URL('../fixtures/', import.meta.url);
interface Trajectory {
  persons: { annotation: number; matrix: Affine }[];
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/** The mutation: half a pixel of the photograph to the right. */
const moved = ({ matrix: [a, b, c, d, e, f], inputSize, window }: Crop): Crop =>
  cropFromMatrix([a, b, c + a / 2, d, e, f + d / 2], inputSize, window);

const ofCoco = (): void => {
  it('crop to the inputs of the stored PyTorch trajectory, to 1e-3; half a pixel off, they do not', async () => {
    const { persons } = await readCocoFile(`${coco.folder}/test_coco.json`);
    const trajectory = JSON.parse(readFileSync(new URL('trajectory_lpn50.json', fixtures), 'utf8')) as Trajectory;
    const bytes = readFileSync(new URL('trajectory_lpn50_inputs.bin', fixtures));
    const stored = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4); // [12, 3, 128, 96]
    expect(persons.map(({ id }) => id)).toEqual(trajectory.persons.map(({ annotation }) => annotation));

    const readImage = imageFolder(coco.folder);
    const [width, height] = [96, 128];
    const pixels = width * height;
    for (const [n, person] of persons.entries()) {
      const { matrix } = trajectory.persons[n]!;
      const crop = personCrop(person, [width, height]);
      crop.matrix.forEach((value, i) => expect(value).toBeCloseTo(matrix[i]!, 10));
      const own = Float32Array.from(
        { length: 3 * pixels },
        (_, i) => stored[(3 * n + (i % 3)) * pixels + Math.floor(i / 3)]!,
      );
      const image = await readImage(person);
      expect(worst(cropImage(image, crop), own)).toBeLessThan(1e-3);
      expect(worst(cropImage(image, moved(crop)), own)).toBeGreaterThan(0.1);
    }
  });
};

/** Bilinear samples of a photograph at `(x, y)` of each pixel of a 64×64 crop, black outside `[x0, y0, x1, y1)`; as the formulas say it. */
function sampled(
  { width, height, data }: RgbImage,
  source: (column: number, row: number) => readonly [x: number, y: number],
  [x0, y0, x1, y1]: readonly [number, number, number, number] = [0, 0, width, height],
): Float32Array {
  const { mean, std } = NORMALIZATIONS.imagenet;
  const at = (x: number, y: number, c: number): number =>
    x >= x0 && y >= y0 && x < x1 && y < y1 ? data[3 * (y * width + x) + c]! : 0;
  return Float32Array.from({ length: 64 * 64 * 3 }, (_, i) => {
    const c = i % 3;
    const [x, y] = source(Math.floor(i / 3) % 64, Math.floor(i / 192));
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - left, y - top];
    const upper = (1 - u) * at(left, top, c) + u * at(left + 1, top, c);
    const lower = (1 - u) * at(left, top + 1, c) + u * at(left + 1, top + 1, c);
    return (((1 - v) * upper + v * lower) / 255 - mean[c]!) / std[c]!;
  });
}

const ofMpii = (): void => {
  const size: Size = [64, 64];
  interface Annotation {
    center: [number, number];
    scale: number;
    joints: [number, number][];
  }
  const read = async (): Promise<{ person: Person; annotation: Annotation; image: RgbImage }[]> => {
    const file = `${mpii.folder}/test_mpii.json`;
    const annotations = JSON.parse(readFileSync(file, 'utf8')) as Annotation[];
    const { persons } = await readMpiiFile(file);
    const readImage = imageFolder(mpii.folder);
    expect(persons.length).toBe(annotations.length);
    const people = persons.map(async (person, n) => ({
      person,
      annotation: annotations[n]!,
      image: await readImage(person),
    }));
    return Promise.all(people);
  };

  it('crop as HRNet’s centre and scale say; half a pixel off, they do not', async () => {
    for (const { person, annotation, image } of await read()) {
      const { center, scale, joints } = annotation;
      const [cx, cy] = [center[0] - 1, center[1] + 15 * scale - 1];
      const k = 64 / (200 * 1.25 * scale);
      const expected = sampled(image, (column, row) => [cx + (column - 32) / k, cy + (row - 32) / k]);
      const crop = personCrop(person, size);
      expect(worst(cropImage(image, crop), expected)).toBeLessThan(2e-5);
      expect(worst(cropImage(image, moved(crop)), expected)).toBeGreaterThan(0.05);
      const { xy } = crop.toInput(person.keypoints);
      const wanted = joints.flatMap(([x, y]) => [32 + k * (x - 1 - cx), 32 + k * (y - 1 - cy)]);
      const labelled = xy.map((v, i) => (person.keypoints.score[i >> 1]! > 0 ? v : wanted[i]!));
      expect(worst(labelled, wanted)).toBeLessThan(2e-4);
    }
  });

  it('crop as paper 001 says, from what the reader gives', async () => {
    for (const { person, annotation, image } of await read()) {
      const { scale: s, joints } = annotation;
      const [cx, cy] = [annotation.center[0] - 1, annotation.center[1] - 1];
      const [left, top] = [Math.max(0, Math.floor(cx - 60 * s)), Math.max(0, Math.floor(cy - 105 * s))];
      const right = Math.min(image.width, Math.ceil(cx + 60 * s));
      const bottom = Math.min(image.height, Math.ceil(cy + 105 * s));
      const side = Math.max(right - left, bottom - top);
      const [padX, padY] = [(side - (right - left)) / 2, (side - (bottom - top)) / 2];
      const source = (column: number, row: number) =>
        [(column * side) / 64 - padX + left, (row * side) / 64 - padY + top] as const;
      const crop = personWindowCrop({ ...person, imageSize: [image.width, image.height] }, size);
      const expected = sampled(image, source, [left, top, right, bottom]);
      expect(worst(cropImage(image, crop), expected)).toBeLessThan(2e-5);
      expect(worst(cropImage(image, moved(crop)), expected)).toBeGreaterThan(0.05);
      const { xy } = crop.toInput(person.keypoints);
      const wanted = joints.flatMap(([x, y]) => [
        ((x - 1 - left + padX) * 64) / side,
        ((y - 1 - top + padY) * 64) / side,
      ]);
      const labelled = xy.map((v, i) => (person.keypoints.score[i >> 1]! > 0 ? v : wanted[i]!));
      expect(worst(labelled, wanted)).toBeLessThan(2e-4);
    }
  });
};

describeWhere('photographs', coco.absent ?? mpii.absent, () => {
  describe('of COCO', ofCoco);
  describe('of MPII', ofMpii);
});

it('personWindowCrop says what a person lacks', () => {
  const person = { id: 7, center: [5, 5], scale: 1 } as unknown as Person;
  expect(() => personWindowCrop(person, [64, 64])).toThrow(
    'personWindowCrop: person 7 must have a centre, a scale and an image size. Received: center=[5,5], scale=1, imageSize=[undefined].',
  );
});
