import { COCO, type Size } from '../../keypoints';
import type { CocoPersonRecord } from '../../coco';
import type { RgbImage } from '../image';
import { seededRandom, type Random } from '../../random';
import { drawBackground, drawObject, expose } from './background';
import { project, type Stand } from './brush';
import { canvas, type Canvas } from './canvas';
import { randomClothing } from './clothing';
import { drawFigure } from './draw-figure';
import { FACE, faces, onHead } from './draw-head';
import { PART } from './parts';
import { randomBody, type Body, type Vector } from './pose';

/** Options of {@link syntheticScene}. */
export interface SceneOptions {
  /** Other seeds give other people. */
  readonly seed: number;
  /** Index of the image in the seed's endless series. @defaultValue 0 */
  readonly index?: number;
  /** `[width, height]`, pixels. @defaultValue `[256, 256]` */
  readonly imageSize?: Size;
  /** Minimum and maximum number of people in the image. @defaultValue `[1, 3]` */
  readonly people?: readonly [number, number];
}

/** One image of synthetic people, and their COCO records (ids count from 0 within the image). */
export interface Scene {
  readonly image: RgbImage;
  readonly annotations: readonly CocoPersonRecord[];
}

/** The owner of pixels of foreground objects. */
const OBJECT = 0xffff;

/**
 * Draws one image of articulated, clothed figures in front of a background, some behind objects, behind one another or truncated
 * by the border. The image depends on the options only: any image of a series can be drawn separately, on any machine.
 *
 * Keypoints are COCO's 17. Visibility: 2 visible; 1 hidden behind an object, another person or the own body; 0 outside the
 * image, or a part of the face that is turned away. `area` counts the visible pixels and `bbox` bounds them; a figure
 * with fewer than four visible keypoints has none labelled, as annotators skip such people.
 *
 * @example const { image, annotations } = syntheticScene({ seed: 1, index: 41, imageSize: [320, 240] });
 */
export function syntheticScene({ seed, index = 0, imageSize = [256, 256], people = [1, 3] }: SceneOptions): Scene {
  const [width, height] = imageSize;
  const random = seededRandom(seed, index);
  const target = canvas(width, height);
  drawBackground(target, random);

  const count = people[0] + random.integer(people[1] - people[0] + 1);
  const stands = Array.from({ length: count }, () => randomStand(random, imageSize)).sort(
    (a, b) => a.height - b.height,
  );
  const figures = stands.map((stand, i) => {
    const body = randomBody(random);
    drawFigure(target, body, randomClothing(random), stand, i + 1, random);
    return { body, stand };
  });
  if (random.chance(0.45)) {
    const { body, stand } = random.pick(figures);
    const hidden = random.pick([...body.arms, ...body.legs]).joints[1 + random.integer(2)]!;
    drawObject(target, random, random.uniform(0.12, 0.3) * stand.height, OBJECT, project(stand, hidden));
  }
  expose(target, random);
  return finished(target, figures);
}

/** The canvas as an image, with the records of its figures in drawing order, as figures 1, 2, …. */
export function finished(target: Canvas, figures: readonly { readonly body: Body; readonly stand: Stand }[]): Scene {
  const extents = visibleExtents(target, figures.length);
  return {
    image: { width: target.width, height: target.height, data: new Uint8Array(target.data.buffer) },
    annotations: figures.map(({ body, stand }, i) => annotate(target, body, stand, i, extents[i]!)),
  };
}

/** Mostly complete in the image, sometimes truncated. */
function randomStand(random: Random, [width, height]: Size): Stand {
  const stature = random.uniform(0.5, 0.95) * Math.min(height, 1.3 * width);
  const y = height * (random.chance(0.8) ? random.uniform(0.48, 0.58) : random.uniform(0.2, 0.85));
  const x = width * (random.chance(0.8) ? random.uniform(0.18, 0.82) : random.uniform(0.02, 0.98));
  return { x, y, height: stature };
}

/** The position of each keypoint in the body, in COCO's order. */
function places(body: Body): Vector[] {
  const [la, ra] = body.arms.map(({ joints }) => joints) as [Body['arms'][0]['joints'], Body['arms'][0]['joints']];
  const [ll, rl] = body.legs.map(({ joints }) => joints) as [Body['legs'][0]['joints'], Body['legs'][0]['joints']];
  return [
    ...Object.values(FACE).map((place) => onHead(body, place)),
    ...[0, 1, 2].flatMap((i) => [la[i]!, ra[i]!]),
    ...[0, 1, 2].flatMap((i) => [ll[i]!, rl[i]!]),
  ];
}

/** The parts on which each keypoint is visible, in COCO's order. */
const SEEN_ON: readonly (readonly number[])[] = [
  ...Array.from({ length: 5 }, () => [PART.head]),
  ...[0, 1, 2].flatMap((i) =>
    [PART.leftArm, PART.rightArm].map((arm) => (i === 0 ? [PART.torso, arm[0]] : [arm[i - 1]!, arm[i]!])),
  ),
  ...[0, 1, 2].flatMap((i) =>
    [PART.leftLeg, PART.rightLeg].map((leg) => (i === 0 ? [PART.torso, leg[0]] : [leg[i - 1]!, leg[i]!])),
  ),
];

/** Visible pixels of each figure: their number, and the first and last column and row. */
interface Extent {
  area: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function visibleExtents({ width, height, owner }: Canvas, count: number): Extent[] {
  const extents = Array.from({ length: count }, () => ({ area: 0, left: width, top: height, right: -1, bottom: -1 }));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const figure = owner[at]! >> 5;
      if (figure === 0 || figure > count) continue;
      const extent = extents[figure - 1]!;
      extent.area++;
      if (x < extent.left) extent.left = x;
      if (x > extent.right) extent.right = x;
      if (y < extent.top) extent.top = y;
      extent.bottom = y;
    }
  }
  return extents;
}

function annotate(
  { width, height, owner }: Canvas,
  body: Body,
  stand: Stand,
  id: number,
  { area, left, top, right, bottom }: Extent,
): CocoPersonRecord {
  const turned = Object.values(FACE).map((place) => !faces(body, place));
  let seen = 0;
  let keypoints = places(body).flatMap((place, k) => {
    const [x, y] = project(stand, place).map((value) => Math.round(100 * value) / 100) as [number, number];
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= width || row >= height || turned[k] === true) return [0, 0, 0];
    const topmost = owner[row * width + column]!;
    const visible = topmost >> 5 === id + 1 && SEEN_ON[k]!.includes(topmost & 31);
    if (visible) seen++;
    return [x, y, visible ? 2 : 1];
  });
  if (seen < 4) keypoints = COCO.names.flatMap(() => [0, 0, 0]);
  return {
    id,
    image_id: 0,
    category_id: 1,
    bbox: area === 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1],
    keypoints,
    num_keypoints: keypoints.filter((value, i) => i % 3 === 2 && value > 0).length,
    area,
    iscrowd: 0,
  };
}
