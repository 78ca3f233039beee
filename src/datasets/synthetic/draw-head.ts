import { depthOf, type Brush } from './brush';
import { drawEllipse, solid, type Paint, type Rgb } from './canvas';
import { rounded, type Clothing } from './clothing';
import { PART } from './parts';
import { add, type Body, type Vector } from './pose';

/** Positions on the head, in radii along its axes: to the person's left, down, and forward. */
export const FACE = {
  nose: [0, 0.12, 1.02],
  leftEye: [0.38, -0.16, 0.85],
  rightEye: [-0.38, -0.16, 0.85],
  leftEar: [0.95, 0.02, -0.05],
  rightEar: [-0.95, 0.02, -0.05],
} as const;

/** A point of the head in the body's coordinates. */
export function onHead({ head, headAxes, headRadius }: Body, place: Vector): Vector {
  return headAxes.reduce((point, axis, i) => add(point, axis, headRadius * place[i]!), head);
}

/** Skull, hair, ears, eyes, nose and mouth: the ones visible to the viewer. */
export function drawHead(brush: Brush, body: Body, { skin, hair, longHair }: Clothing, light: number): void {
  const { at, height, capsule, shape } = brush;
  const { headAxes, headRadius: r, neck, head } = body;
  const [, down, forward] = headAxes;
  const depth = head[2] + 0.035;
  const angle = Math.atan2(down[1], down[0]) - Math.PI / 2;
  const dark = (color: Rgb, by: number): Rgb => color.map((value) => by * value) as unknown as Rgb;

  capsule(depthOf(neck, head) + 0.01, PART.neck, add(neck, [0, -0.01, 0]), head, 0.03, 0.03, solid(dark(skin, 0.9)));
  const ellipse = (order: number, place: Vector, rx: number, ry: number, paint: Paint): void =>
    shape(depth + order * 1e-4, PART.head, (target, owner) =>
      drawEllipse(target, at(onHead(body, place)), rx * r * height, ry * r * height, angle, paint, owner),
    );

  const facing = forward[2] > 0;
  const locks = rounded(solid(hair), light);
  // The face covers the hair when it faces the viewer, and is covered by it otherwise.
  ellipse(facing ? 0 : 2, [0, -0.22, -0.28], 1.08, 1.18, locks);
  ellipse(1, [0, 0.1, 0.18], 0.86, 1.12, rounded(solid(skin), light));
  if (longHair) {
    const behind = (place: Vector): Vector => onHead(body, place);
    const order = facing ? -0.02 : 0.02;
    capsule(depth + order, PART.head, behind([0, 0, -0.5]), behind([0, 1.9, -0.6]), 0.95 * r, 0.7 * r, locks);
  }
  for (const place of [FACE.leftEar, FACE.rightEar]) {
    if (faces(body, place) && !longHair) ellipse(3, place, 0.16, 0.26, solid(dark(skin, 0.82)));
  }
  for (const place of [FACE.leftEye, FACE.rightEye]) {
    if (!faces(body, place)) continue;
    ellipse(4, place, 0.17, 0.12, solid([240, 240, 240]));
    ellipse(5, place, 0.09, 0.11, solid([30, 26, 30]));
    ellipse(4, [place[0], place[1] - 0.24, place[2]], 0.2, 0.05, solid(hair));
  }
  if (faces(body, FACE.nose)) {
    ellipse(6, [0, 0.06, 0.98], 0.13, 0.24, solid(dark(skin, 0.8)));
    ellipse(4, [0, 0.52, 0.84], 0.28, 0.08, solid([150, 50, 56]));
  }
}

/** Whether a position on the head faces the viewer; ears protrude and are visible from behind too. */
export function faces({ headAxes }: Body, place: Vector): boolean {
  const [left, down, forward] = headAxes;
  return place[0] * left[2] + place[1] * down[2] + place[2] * forward[2] > (place[2] < 0 ? -0.45 : -0.1);
}
