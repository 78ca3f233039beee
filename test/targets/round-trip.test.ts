import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keypointsOf, type Box, type Keypoints, type Size } from 'poseblocks/keypoints';
import { boxToCrop, mpiiToCrop, type Crop } from 'poseblocks/geometry';
import { dark, quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec, offsetCodec, simccCodec, type Codec } from 'poseblocks/targets';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';
import { shifted } from './precision';

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
    [
      'exact with soft-argmax',
      gaussianCodec({ inputSize, heatmapSize, center: 'exact', refine: softArgmaxDecoder({ beta: 40 }) }),
    ],
    ['offsets', offsetCodec({ inputSize, heatmapSize })],
    ['SimCC', simccCodec({ inputSize })],
  ] as [string, Codec<unknown>][];
};

interface Checked {
  readonly keypoints: number;
  /** Those that come back further away than the codec says. */
  readonly misses: number;
}

/** image → input → target → image, against the codec's precision in image pixels, for every labelled keypoint of the crop. */
function roundTrip(codec: Codec<unknown>, crop: Crop, truth: Keypoints<'image'>): Checked {
  const inInput = crop.toInput(truth);
  const back = crop.toImage(codec.decode(codec.encode(inInput)));
  const pixel = Math.hypot(crop.inverse[0], crop.inverse[1]);
  let [keypoints, misses] = [0, 0];
  truth.score.forEach((labelled, k) => {
    const at = [inInput.xy[2 * k]!, inInput.xy[2 * k + 1]!];
    const within = (margin: number) => at.every((v, axis) => v >= margin && v <= codec.inputSize[axis]! - 1 - margin);
    if (!(labelled > 0 && within(0))) return;
    const allowed = pixel * (within(codec.margin) ? codec.precision : codec.borderPrecision) + 2 ** -12;
    const error = Math.max(...[2 * k, 2 * k + 1].map((i) => Math.abs(back.xy[i]! - truth.xy[i]!)));
    keypoints++;
    if (!(error <= allowed)) misses++;
  });
  return { keypoints, misses };
}

type Someone = readonly [Crop, Keypoints<'image'>];

/** Everybody comes back; and not when the decode is half a cell off, nor half a pixel where the codec is finer than that. */
function expectRoundTrips(codec: Codec<unknown>, people: readonly Someone[]): void {
  const all = (some: Codec<unknown>): Checked =>
    people
      .map(([crop, truth]) => roundTrip(some, crop, truth))
      .reduce((a, b) => ({ keypoints: a.keypoints + b.keypoints, misses: a.misses + b.misses }));
  const { keypoints, misses } = all(codec);
  expect(keypoints).toBeGreaterThan(50);
  expect(misses).toBe(0);
  expect(all(shifted(codec, 2)).misses).toBeGreaterThan(0);
  if (codec.precision < 0.5) expect(all(shifted(codec, 0.5)).misses).toBeGreaterThan(keypoints / 4);
}

const [coco, mpii] = [photographs('coco'), photographs('mpii')];

describeWhere('people', coco.absent ?? mpii.absent, () => {
  describe('of COCO', () => {
    test.each(codecsFor([192, 256]))('%s', (_, codec) => {
      const { annotations } = JSON.parse(readFileSync(`${coco.folder}/test_coco.json`, 'utf8')) as CocoFile;
      const people = annotations
        .filter(({ bbox }) => bbox[2] > 0)
        .map(({ bbox, keypoints }): Someone => [boxToCrop(bbox, [192, 256]), keypointsOf('image', keypoints)]);
      expectRoundTrips(codec, people);
    });
  });

  describe('of MPII', () => {
    test.each(codecsFor([256, 256]))('%s', (_, codec) => {
      const file = JSON.parse(readFileSync(`${mpii.folder}/test_mpii.json`, 'utf8')) as MpiiFile;
      const people = file.map((person): Someone => {
        const triplets = person.joints.flatMap(([x, y], k) => [x - 1, y - 1, person.joints_vis[k]!]); // the file counts from 1
        return [mpiiToCrop(person, [256, 256]), keypointsOf('image', triplets)];
      });
      expectRoundTrips(codec, people);
    });
  });
});
