import { seededRandom, type Random } from '../../random';
import type { Size } from '../../keypoints';
import { drawBackground } from './background';
import type { Stand } from './brush';
import { canvas, type Canvas } from './canvas';
import { randomClothing, type Clothing } from './clothing';
import { drawFigure } from './draw-figure';
import { bodyOf, randomPlan, type Angles, type Body, type BodyPlan } from './pose';
import { finished, type Scene } from './scene';

/** Options of {@link syntheticWalk}. */
export interface SyntheticWalkOptions {
  /** Other seeds give other people. */
  readonly seed: number;
  /** `[width, height]`, pixels. @defaultValue `[640, 480]` */
  readonly imageSize?: Size;
  /** When each person enters the picture and leaves it, in seconds. @defaultValue one person, from the start */
  readonly walkers?: readonly { readonly from?: number; readonly until?: number }[];
  /** Standard deviation of the sensor noise, in steps of 0 to 255. @defaultValue 2 */
  readonly noise?: number;
}

/** A video of walking people. */
export interface SyntheticWalk {
  /**
   * The picture at a time in seconds, and its people: the `id` of an annotation is the walker's index in the options, constant over
   * time. Absent walkers have no annotation.
   */
  at(seconds: number): Scene;
}

const DEGREE = Math.PI / 180;

/**
 * Synthetic people who walk to and fro in front of a fixed camera, drawn like {@link syntheticScene}: for trying and
 * testing trackers. Each picture depends on the options and the time only.
 *
 * @throws RangeError when the image is smaller than 64 pixels, or there are no walkers.
 * @example
 * const walk = syntheticWalk({ seed: 1, walkers: [{}, { from: 5 }] });
 * const { image, annotations } = walk.at(frame / 30);
 */
export function syntheticWalk(options: SyntheticWalkOptions): SyntheticWalk {
  const { seed, imageSize = [640, 480], walkers = [{}], noise = 2 } = options;
  const [width, height] = imageSize;
  if (!imageSize.every((side) => Number.isInteger(side) && side >= 64)) {
    throw new RangeError(
      `syntheticWalk: imageSize must be integers of at least 64. Received: [${imageSize.join(', ')}].`,
    );
  }
  if (walkers.length === 0) throw new RangeError('syntheticWalk: walkers must hold at least one. Received: [].');
  const stage = canvas(width, height);
  drawBackground(stage, seededRandom(seed, 0));
  const cast = walkers.map((_, i) => walkerOf(seed, i, walkers.length, imageSize));
  return {
    at(seconds) {
      const target: Canvas = { width, height, data: stage.data.slice(), owner: new Uint16Array(width * height) };
      const there = cast
        .map((walker, id) => ({ ...walker, id }))
        .filter(({ id }) => seconds >= (walkers[id]!.from ?? 0) && seconds < (walkers[id]!.until ?? Infinity))
        .sort((a, b) => a.height - b.height);
      const figures = there.map((walker, i) => {
        const { body, stand } = posed(walker, seconds);
        drawFigure(target, body, walker.clothing, stand, i + 1, seededRandom(seed, 2, walker.id));
        return { body, stand };
      });
      addNoise(target, noise, seededRandom(seed, 3, Math.round(1e4 * seconds)));
      const scene = finished(target, figures);
      const annotations = scene.annotations.map((annotation, i) => ({ ...annotation, id: there[i]!.id }));
      return { image: scene.image, annotations };
    },
  };
}

/** The constant properties of a walker. */
interface Walker {
  readonly plan: BodyPlan;
  readonly clothing: Clothing;
  /** Pixels. */
  readonly height: number;
  readonly middle: readonly [x: number, y: number];
  /** Distance to each side, and cycles per second. */
  readonly reach: number;
  readonly rate: number;
  /** Phase at time 0, radians. */
  readonly start: number;
}

function walkerOf(seed: number, index: number, count: number, [width, height]: Size): Walker {
  const random = seededRandom(seed, 1, index);
  const stature = random.uniform(0.62, 0.8) * Math.min(height, 1.3 * width);
  // Each walks in a separate lane.
  const lane = width / count;
  const reach = Math.max(0.1 * width, lane / 2 - 0.2 * stature);
  const plan = randomPlan(random);
  return {
    plan: { ...plan, lean: [0, -4 * DEGREE, 0], look: [0, 0, 0] },
    clothing: { ...randomClothing(random), backpack: undefined },
    height: stature,
    middle: [(index + 0.5) * lane, height * random.uniform(0.5, 0.54)],
    reach,
    // At most 0.5 body heights per second.
    rate: (0.5 * stature) / (2 * Math.PI * reach),
    start: random.uniform(0, 2 * Math.PI),
  };
}

function posed(walker: Walker, seconds: number): { body: Body; stand: Stand } {
  const { plan, height, middle, reach, rate, start } = walker;
  const angle = 2 * Math.PI * rate * seconds + start;
  const x = middle[0] + reach * Math.sin(angle);
  const speed = Math.cos(angle);
  // Steps follow the distance walked: each takes half a body height.
  const gone = (reach / height) * wayGone(angle);
  const phase = 2 * Math.PI * (gone / 0.9);
  const vigor = Math.min(1, 0.25 + Math.abs(speed));
  const leg = (at: number): Angles => [
    vigor * 24 * Math.sin(at),
    3,
    6 + vigor * 42 * Math.max(0, Math.cos(at + 0.35)) ** 2,
  ];
  const arm = (at: number): Angles => [-vigor * 22 * Math.sin(at), 8, 14 + vigor * 12 * Math.max(0, -Math.sin(at))];
  // Sideways while walking, facing the viewer at the turn.
  const yaw = 62 * DEGREE * Math.tanh(2.5 * speed);
  const body = bodyOf({
    ...plan,
    turn: [yaw, 0, 0],
    legs: [leg(phase), leg(phase + Math.PI)],
    arms: [
      { ...plan.arms[0], angles: arm(phase), bendAcross: 0.1, bendUp: 0.1 },
      { ...plan.arms[1], angles: arm(phase + Math.PI), bendAcross: 0.1, bendUp: 0.1 },
    ],
  });
  return { body, stand: { x, y: middle[1] + 0.012 * height * Math.cos(2 * phase), height } };
}

/** The integral of |cos|: the distance walked to and fro. */
function wayGone(angle: number): number {
  const halves = Math.floor(angle / Math.PI + 0.5);
  return 2 * halves + (halves % 2 === 0 ? 1 : -1) * Math.sin(angle);
}

function addNoise({ data }: Canvas, deviation: number, random: Random): void {
  if (deviation === 0) return;
  let state = random.integer(0x7fffffff) | 1;
  const scale = (deviation * Math.sqrt(3)) / 0x80000000;
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = data[i]! + scale * state;
  }
}
