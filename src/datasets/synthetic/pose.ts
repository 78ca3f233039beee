import type { Random } from '../../random';

/** `[x, y, z]`: x to the right of the image, y down, z towards the viewer; in units of the figure's height. */
export type Vector = readonly [x: number, y: number, z: number];

export interface Limb {
  /** Shoulder or hip; elbow or knee; wrist or ankle; finger tips or toes. */
  readonly joints: readonly [Vector, Vector, Vector, Vector];
}

/** A posed body. Index 0 is the person's left side, 1 the right. */
export interface Body {
  readonly arms: readonly [Limb, Limb];
  readonly legs: readonly [Limb, Limb];
  readonly neck: Vector;
  /** Centre of the head, and its axes: to the person's left, down, and in the direction of the face. */
  readonly head: Vector;
  readonly headAxes: readonly [left: Vector, down: Vector, forward: Vector];
  readonly headRadius: number;
  /** Direction of the chest. */
  readonly chestForward: Vector;
  /** Factor on the thickness of all parts. */
  readonly build: number;
}

const DEGREE = Math.PI / 180;

export const add = (a: Vector, b: Vector, k = 1): Vector => [a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function unit(v: Vector): Vector {
  const length = Math.max(Math.hypot(...v), 1e-9);
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** Rotates about the vertical (yaw), then about the horizontal across the image (pitch), then in the image plane (roll). */
function rotation(yaw: number, pitch: number, roll: number): (v: Vector) => Vector {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  return ([x, y, z]) => {
    const [x1, z1] = [cy * x + sy * z, cy * z - sy * x];
    const [y2, z2] = [cp * y - sp * z1, sp * y + cp * z1];
    return [cr * x1 - sr * y2, sr * x1 + cr * y2, z2];
  };
}

/** The direction of a hanging limb, raised forward by `flexion` and sideways by `abduction`. */
function raised(flexion: number, abduction: number, side: number): Vector {
  const c = Math.cos(abduction);
  return [side * Math.sin(abduction), c * Math.cos(flexion), c * Math.sin(flexion)];
}

export type Angles = readonly [flexion: number, abduction: number, bend: number];

/** Shoulder flexion −40…170°, abduction −10…160°, elbow 0…145°: at rest, reaching, overhead, on the hip. */
function armAngles(random: Random): Angles {
  const kind = random.next();
  if (kind < 0.4) return [random.uniform(-35, 35), random.uniform(2, 25), random.uniform(0, 60)];
  if (kind < 0.6) return [random.uniform(20, 110), random.uniform(-5, 40), random.uniform(0, 120)];
  if (kind < 0.75) return [random.uniform(-20, 20), random.uniform(60, 160), random.uniform(0, 100)];
  if (kind < 0.85) return [random.uniform(110, 170), random.uniform(0, 30), random.uniform(0, 90)];
  return [random.uniform(-40, -10), random.uniform(20, 50), random.uniform(70, 130)];
}

/** Hip flexion −25…110°, abduction −5…40°, knee 0…130°, for both legs: standing, striding, squatting or sitting. */
function legAngles(random: Random): readonly [Angles, Angles] {
  const kind = random.next();
  if (kind < 0.45) {
    const stance = (): Angles => [random.uniform(-8, 12), random.uniform(0, 14), random.uniform(0, 12)];
    return [stance(), stance()];
  }
  if (kind < 0.75) {
    const front: Angles = [random.uniform(10, 70), random.uniform(0, 15), random.uniform(0, 80)];
    const back: Angles = [random.uniform(-25, 5), random.uniform(0, 12), random.uniform(0, 90)];
    return random.chance(0.5) ? [front, back] : [back, front];
  }
  const low = random.uniform(50, 105);
  const squat = (): Angles => [low + random.uniform(-10, 10), random.uniform(5, 35), low + random.uniform(-20, 30)];
  return [squat(), squat()];
}

/** The direction that the figure faces, radians: 0 to the viewer, π away; mostly to the viewer, like people in photographs. */
function facing(random: Random): number {
  const kind = random.next();
  const spread = (degrees: number): number => DEGREE * random.uniform(-degrees, degrees);
  if (kind < 0.55) return spread(50);
  if (kind < 0.75) return Math.PI + spread(50);
  return (random.chance(0.5) ? 1 : -1) * (Math.PI / 2) + spread(40);
}

/** All parameters of a posed body: its orientation, the lengths of its parts, the angles of its joints. */
export interface BodyPlan {
  /** Yaw, pitch and roll of the whole body, radians; yaw 0 faces the viewer. */
  readonly turn: readonly [yaw: number, pitch: number, roll: number];
  /** Rotation of the chest relative to the pelvis. */
  readonly lean: readonly [yaw: number, pitch: number, roll: number];
  /** Rotation of the head relative to the chest. */
  readonly look: readonly [yaw: number, pitch: number, roll: number];
  readonly spine: number;
  readonly shoulder: number;
  readonly hip: number;
  readonly upperArm: number;
  readonly forearm: number;
  readonly thigh: number;
  readonly shin: number;
  readonly neck: number;
  readonly headRadius: number;
  readonly build: number;
  readonly arms: readonly [ArmPlan, ArmPlan];
  readonly legs: readonly [Angles, Angles];
}

/** Angles in degrees; the direction of the elbow: across (outwards) and up. */
export interface ArmPlan {
  /** Drop of the shoulder below the neck. */
  readonly drop: number;
  readonly angles: Angles;
  readonly bendAcross: number;
  readonly bendUp: number;
}

const varied = (random: Random, value: number, by = 0.1): number => value * random.uniform(1 - by, 1 + by);

/** A body with random proportions in a random plausible pose; its pelvis is at the origin, its height about 1. */
export function randomBody(random: Random): Body {
  return bodyOf(randomPlan(random));
}

/** The plan of {@link randomBody}. */
export function randomPlan(random: Random): BodyPlan {
  const roll = DEGREE * (random.chance(0.06) ? random.uniform(-80, 80) : 9 * random.normal());
  const turn = [facing(random), DEGREE * random.uniform(-14, 14), roll] as const;
  const lean = [
    DEGREE * random.uniform(-25, 25),
    -DEGREE * random.uniform(-8, 30),
    DEGREE * 8 * random.normal(),
  ] as const;
  const spine = varied(random, 0.3);
  const shoulder = varied(random, 0.108, 0.15);
  const hip = varied(random, 0.058, 0.15);
  const [upperArm, forearm] = [varied(random, 0.17), varied(random, 0.15)];
  const [thigh, shin] = [varied(random, 0.245), varied(random, 0.24)];
  const legs = legAngles(random);
  const look = [
    DEGREE * 22 * random.normal(),
    -DEGREE * random.uniform(-15, 25),
    DEGREE * 6 * random.normal(),
  ] as const;
  const headRadius = varied(random, 0.058, 0.12);
  const arm = (): ArmPlan => ({
    drop: varied(random, 0.012),
    angles: armAngles(random),
    bendAcross: random.uniform(-0.2, 0.7),
    bendUp: random.uniform(0, 0.6),
  });
  const arms = [arm(), arm()] as const;
  const neck = varied(random, 0.05);
  const build = random.uniform(0.85, 1.25);
  const lengths = { spine, shoulder, hip, upperArm, forearm, thigh, shin, neck, headRadius };
  return { turn, lean, look, ...lengths, build, arms, legs };
}

/** Positions the parts of a body according to its plan. */
export function bodyOf(plan: BodyPlan): Body {
  const turn = rotation(...plan.turn);
  const lean = rotation(...plan.lean);
  const chest = (v: Vector): Vector => turn(lean(v));
  const neckLow = chest([0, -plan.spine, 0]);

  const limb = (
    root: Vector,
    frame: (v: Vector) => Vector,
    [flexion, abduction, bend]: Angles,
    side: number,
    bendTowards: Vector,
    lengths: readonly [number, number, number],
    toes: boolean,
  ): Limb => {
    const upper = raised(flexion * DEGREE, abduction * DEGREE, side);
    const w = unit(add(bendTowards, upper, -dot(bendTowards, upper)));
    const [c, s] = [Math.cos(bend * DEGREE), Math.sin(bend * DEGREE)];
    const lower = add([c * upper[0], c * upper[1], c * upper[2]], w, s);
    const end = toes ? add([s * upper[0], s * upper[1], s * upper[2]], w, -c) : lower;
    const middle = add(root, frame(upper), lengths[0]);
    const tip = add(middle, frame(lower), lengths[1]);
    return { joints: [root, middle, tip, add(tip, frame(unit(end)), lengths[2])] };
  };
  const arm = (side: number, { drop, angles, bendAcross, bendUp }: ArmPlan): Limb => {
    const root = add(neckLow, chest([side * plan.shoulder, drop, 0]));
    return limb(
      root,
      chest,
      angles,
      side,
      [-side * bendAcross, -bendUp, 1],
      [plan.upperArm, plan.forearm, 0.045],
      false,
    );
  };
  const leg = (side: number, angles: Angles): Limb => {
    const flexion = angles[0] * DEGREE;
    const back: Vector = [0, Math.sin(flexion), -Math.cos(flexion)];
    return limb(turn([side * plan.hip, 0, 0]), turn, angles, side, back, [plan.thigh, plan.shin, 0.07], true);
  };

  const look = rotation(...plan.look);
  const headFrame = (v: Vector): Vector => chest(look(v));
  return {
    arms: [arm(1, plan.arms[0]), arm(-1, plan.arms[1])],
    legs: [leg(1, plan.legs[0]), leg(-1, plan.legs[1])],
    neck: neckLow,
    head: add(add(neckLow, chest([0, -plan.neck, 0])), headFrame([0, -1, 0.15]), 0.06),
    headAxes: [headFrame([1, 0, 0]), headFrame([0, 1, 0]), headFrame([0, 0, 1])],
    headRadius: plan.headRadius,
    chestForward: chest([0, 0, 1]),
    build: plan.build,
  };
}
