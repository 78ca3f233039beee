import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keypointsOf, type Box, type Keypoints, type Size } from 'poseblocks/keypoints';
import { boxToCrop, dark, mpiiToCrop, quarterOffset, type Crop } from 'poseblocks/postprocess';
import { gaussianCodec, offsetCodec, simccCodec, type Codec } from 'poseblocks/targets';

interface CocoFile {
  annotations: { bbox: Box; keypoints: number[] }[];
}
type MpiiFile = { center: [number, number]; scale: number; joints: [number, number][]; joints_vis: number[] }[];

const codecsFor = (inputSize: Size): [string, Codec<unknown>][] => {
  const heatmapSize: Size = [inputSize[0] / 4, inputSize[1] / 4];
  return [
    ['rounded', gaussianCodec({ inputSize, heatmapSize })],
    ['exact with quarter offset', gaussianCodec({ inputSize, heatmapSize, center: 'exact', refine: quarterOffset })],
    ['exact with DARK', gaussianCodec({ inputSize, heatmapSize, center: 'exact', align: 'centers', refine: dark })],
    ['offsets', offsetCodec({ inputSize, heatmapSize })],
    ['SimCC', simccCodec({ inputSize })],
  ] as [string, Codec<unknown>][];
};

/** image → input → target → image: within the codec's precision, in image pixels, for every labelled keypoint of the crop. */
function roundTrip(codec: Codec<unknown>, crop: Crop, truth: Keypoints<'image'>): number {
  const inInput = crop.toInput(truth);
  const back = crop.toImage(codec.decode(codec.encode(inInput)));
  const pixel = Math.hypot(crop.inverse[0], crop.inverse[1]);
  let checked = 0;
  truth.score.forEach((labelled, k) => {
    const at = [inInput.xy[2 * k]!, inInput.xy[2 * k + 1]!];
    const within = (margin: number) => at.every((v, axis) => v >= margin && v <= codec.inputSize[axis]! - 1 - margin);
    if (!(labelled > 0 && within(0))) return;
    const allowed = pixel * (within(codec.margin) ? codec.precision : codec.borderPrecision) + 2 ** -12;
    for (const i of [2 * k, 2 * k + 1]) expect(Math.abs(back.xy[i]! - truth.xy[i]!)).toBeLessThanOrEqual(allowed);
    checked++;
  });
  return checked;
}

const coco = new URL('../../../shared/data/coco/test_coco.json', import.meta.url);
const mpii = new URL('../../../shared/data/mpii/test_mpii.json', import.meta.url);

describe.skipIf(!existsSync(coco))('people of COCO (skipped where ../shared/data is absent)', () => {
  test.each(codecsFor([192, 256]))('%s', (_, codec) => {
    const { annotations } = JSON.parse(readFileSync(coco, 'utf8')) as CocoFile;
    const checked = annotations.map(({ bbox, keypoints }) =>
      bbox[2] > 0 ? roundTrip(codec, boxToCrop(bbox, [192, 256]), keypointsOf('image', keypoints)) : 0,
    );
    expect(checked.reduce((a, b) => a + b, 0)).toBeGreaterThan(50);
  });
});

describe.skipIf(!existsSync(mpii))('people of MPII (skipped where ../shared/data is absent)', () => {
  test.each(codecsFor([256, 256]))('%s', (_, codec) => {
    const people = JSON.parse(readFileSync(mpii, 'utf8')) as MpiiFile;
    const checked = people.map((person) => {
      const triplets = person.joints.flatMap(([x, y], k) => [x - 1, y - 1, person.joints_vis[k]!]); // the file counts from 1
      return roundTrip(codec, mpiiToCrop(person, [256, 256]), keypointsOf('image', triplets));
    });
    expect(checked.reduce((a, b) => a + b, 0)).toBeGreaterThan(50);
  });
});
