import type { Random } from '../../random';
import { depthOf, project, type Brush, type Stand } from './brush';
import { drawCapsule, drawPolygon, solid, type Canvas, type Paint, type Point, type Rgb } from './canvas';
import { rounded, type Clothing } from './clothing';
import { drawHead } from './draw-head';
import { PART, type Part } from './parts';
import { add, type Body, type Limb, type Vector } from './pose';

/** Draws a body, far parts first; the owner of its pixels is `32 · figure + part`. */
export function drawFigure(
  target: Canvas,
  body: Body,
  clothing: Clothing,
  stand: Stand,
  figure: number,
  random: Random,
): void {
  const queue: { depth: number; draw: () => void }[] = [];
  const light = random.uniform(-1, 1);
  const owner = (part: Part): number => 32 * figure + part;
  const at = (v: Vector): Point => project(stand, v);
  const brush: Brush = {
    at,
    height: stand.height,
    capsule: (depth, part, a, b, ra, rb, paint) => {
      const [from, to] = [ra * stand.height, rb * stand.height];
      const draw = (): void => drawCapsule(target, at(a), at(b), from, to, rounded(paint, light), owner(part));
      queue.push({ depth, draw });
    },
    shape: (depth, part, draw) => queue.push({ depth, draw: () => draw(target, owner(part)) }),
  };

  body.legs.forEach((limb, side) => drawLeg(brush, limb, side, body.build, clothing));
  drawTorso(brush, body, clothing, light);
  body.arms.forEach((limb, side) => drawArm(brush, limb, side, body.build, clothing));
  drawHead(brush, body, clothing, light);
  queue.sort((a, b) => a.depth - b.depth);
  for (const { draw } of queue) draw();
}

/** Cloth up to `covered` along the whole limb of two segments, skin below; `segment` is 0 or 1. */
function covering(cloth: Paint, skin: Rgb, covered: number, segment: number): Paint {
  const bare = solid(skin);
  return (ink, along, across, x, y) => (along + segment <= covered ? cloth : bare)(ink, along + segment, across, x, y);
}

function drawLeg(
  { capsule }: Brush,
  { joints }: Limb,
  side: number,
  build: number,
  { trousers, skin, leg, shoes }: Clothing,
): void {
  const [hip, knee, ankle, toes] = joints;
  const [thighPart, shinPart, footPart] = side === 0 ? PART.leftLeg : PART.rightLeg;
  const [r0, r1, r2] = [0.05 * build, 0.036 * build, 0.022 * build];
  capsule(depthOf(hip, knee), thighPart, hip, knee, r0, r1, covering(trousers, skin, leg, 0));
  capsule(depthOf(knee, ankle), shinPart, knee, ankle, r1, r2, covering(trousers, skin, leg, 1));
  capsule(depthOf(ankle, toes) + 0.005, footPart, add(ankle, [0, 0.012, 0]), toes, 0.023, 0.017, solid(shoes));
}

function drawArm(
  { capsule }: Brush,
  { joints }: Limb,
  side: number,
  build: number,
  { shirt, skin, sleeve }: Clothing,
): void {
  const [shoulder, elbow, wrist, fingers] = joints;
  const [upperPart, forearmPart, handPart] = side === 0 ? PART.leftArm : PART.rightArm;
  const [r0, r1, r2] = [0.031 * build, 0.024 * build, 0.016 * build];
  const bias = 0.025;
  capsule(depthOf(shoulder, elbow) + bias, upperPart, shoulder, elbow, r0, r1, covering(shirt, skin, sleeve, 0));
  capsule(depthOf(elbow, wrist) + bias, forearmPart, elbow, wrist, r1, r2, covering(shirt, skin, sleeve, 1));
  capsule(depthOf(wrist, fingers) + bias, handPart, wrist, fingers, 0.017, 0.014, solid(skin));
}

function drawTorso(brush: Brush, body: Body, { shirt, front, backpack }: Clothing, light: number): void {
  const { at, height, shape, capsule } = brush;
  const shoulders = body.arms.map(({ joints }) => joints[0]) as [Vector, Vector];
  const hips = body.legs.map(({ joints }) => joints[0]) as [Vector, Vector];
  const middle = (a: Vector, b: Vector, t = 0.5): Vector => add(a, add(b, a, -1), t);
  const depth = (depthOf(...shoulders) + depthOf(...hips)) / 2 + 0.02;
  const outline = torsoOutline(
    [at(middle(...shoulders, 0.12)), at(middle(...shoulders, 0.88))],
    [at(hips[0]), at(hips[1])],
  );
  shape(depth, PART.torso, (target, owner) => {
    drawPolygon(target, outline, 0.047 * body.build * height, rounded(shirt, light), owner);
  });

  const chest = middle(...shoulders);
  const waist = middle(...hips);
  const forward = body.chestForward;
  if (forward[2] > 0.15) {
    const surface = (v: Vector): Vector => add(v, forward, 0.045 * body.build);
    if (front.kind === 'zip') {
      capsule(depth + 0.002, PART.torso, surface(chest), surface(waist), 0.007, 0.007, solid(front.color));
    } else {
      const badge = surface(middle(middle(chest, shoulders[0], 0.55), waist, 0.28));
      capsule(depth + 0.002, PART.torso, badge, badge, 0.022, 0.022, solid(front.color));
    }
  }
  if (backpack !== undefined) {
    const behind = (v: Vector): Vector => add(v, forward, -0.075);
    const [top, bottom] = [behind(middle(chest, waist, 0.08)), behind(middle(chest, waist, 0.72))];
    const packDepth = depthOf(top, bottom) + (forward[2] < 0 ? 0.03 : 0);
    capsule(packDepth, PART.torso, top, bottom, 0.06, 0.068, solid(backpack));
  }
}

/** The four corners clockwise on the screen, starting with the shoulders, for any orientation of the body. */
function torsoOutline([s0, s1]: [Point, Point], [h0, h1]: [Point, Point]): Point[] {
  const towardsHips: Point = [(h0[0] + h1[0] - s0[0] - s1[0]) / 2, (h0[1] + h1[1] - s0[1] - s1[1]) / 2];
  const clockwise = (s1[0] - s0[0]) * towardsHips[1] - (s1[1] - s0[1]) * towardsHips[0] > 0;
  const [a, b] = clockwise ? [s0, s1] : [s1, s0];
  const along = ([x, y]: Point): number => x * (b[0] - a[0]) + y * (b[1] - a[1]);
  return along(h0) > along(h1) ? [a, b, h0, h1] : [a, b, h1, h0];
}
