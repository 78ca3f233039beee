import type { Random } from '../../random';
import { drawCapsule, drawEllipse, drawPolygon, type Canvas, type Paint, type Point } from './canvas';
import { randomCloth, randomColor, rounded } from './clothing';

/** Fills the canvas with a gradient, blotches, bricks or boards, a floor, and clutter. */
export function drawBackground(target: Canvas, random: Random): void {
  const { width, height, data } = target;
  const wall = [randomColor(random, 0.7), randomColor(random, 0.7)] as const;
  const floor = randomColor(random, 0.6);
  const horizon = height * random.uniform(0.45, 1.1);
  const grain = random.uniform(0, 50);
  const blotches = blotch(width, height, random);
  const tiled = tiles(random, random.uniform(0.06, 0.2) * height);
  const noise = new Float32Array(width);
  const base = new Float64Array(3);
  for (let y = 0, at = 0; y < height; y++) {
    const below = y > horizon;
    const t = below ? Math.min(1, (y - horizon) / (0.5 * height)) : y / height;
    for (let c = 0; c < 3; c++) {
      base[c] = below ? floor[c]! * (0.75 + 0.35 * t) : wall[0][c]! + (wall[1][c]! - wall[0][c]!) * t;
    }
    blotches(y, noise);
    for (let x = 0; x < width; x++, at += 3) {
      const factor = below ? 1 : tiled(x, y);
      const add = grain * noise[x]!;
      data[at] = base[0]! * factor + add;
      data[at + 1] = base[1]! * factor + add;
      data[at + 2] = base[2]! * factor + add;
    }
  }
  const pieces = random.integer(9);
  for (let i = 0; i < pieces; i++) drawObject(target, random, random.uniform(0.04, 0.35) * height, 0);
}

/** Brightness of a plain wall, bricks, boards or a chequered wall at a pixel. */
function tiles(random: Random, cell: number): (x: number, y: number) => number {
  const contrast = random.uniform(0.06, 0.3);
  switch (random.integer(4)) {
    case 0:
      return (x, y) => {
        const row = Math.floor(y / cell);
        return 1 + (hash(Math.floor(x / cell + (row & 1) / 2), row) - 0.5) * contrast;
      };
    case 1:
      return (x) => 1 + ((Math.floor(x / cell) & 1) - 0.5) * contrast;
    case 2:
      return (x, y) => 1 + (((Math.floor(x / cell) + Math.floor(y / cell)) & 1) - 0.5) * contrast;
    default:
      return () => 1;
  }
}

/** One piece of clutter (box, ball, disc or pole) of about the given size, at a random or given position. */
export function drawObject(target: Canvas, random: Random, size: number, owner: number, place?: Point): void {
  const [x, y] = place ?? [random.uniform(0, target.width), random.uniform(0, target.height)];
  const paint: Paint = rounded(randomCloth(random), random.uniform(-1, 1));
  const angle = random.chance(0.6) ? 0 : random.uniform(-Math.PI, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [a, b] = [size * random.uniform(0.3, 1), size * random.uniform(0.3, 1)];
  const corner = (u: number, v: number): Point => [x + cos * u - sin * v, y + sin * u + cos * v];
  switch (random.integer(3)) {
    case 0:
      drawPolygon(
        target,
        [corner(-a / 2, -b / 2), corner(a / 2, -b / 2), corner(a / 2, b / 2), corner(-a / 2, b / 2)],
        random.uniform(0, 0.15) * size,
        paint,
        owner,
      );
      break;
    case 1:
      drawEllipse(target, [x, y], a / 2, b / 2, angle, paint, owner);
      break;
    default:
      drawCapsule(target, corner(0, -size), corner(0, size), 0.08 * a, 0.08 * b, paint, owner);
  }
}

/** Multiplies the image by a tint and adds sensor noise. */
export function expose({ data }: Canvas, random: Random): void {
  const [red, green, blue] = [0, 1, 2].map(() => random.uniform(0.85, 1.12)) as [number, number, number];
  const noise = random.uniform(0, 9) / 0x100000000;
  let state = random.integer(0x7fffffff) | 1;
  for (let i = 0; i < data.length; i += 3) {
    // xorshift32: one draw per pixel, spread over the channels.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = data[i]! * red + noise * state;
    data[i + 1] = data[i + 1]! * green + noise * (state << 11);
    data[i + 2] = data[i + 2]! * blue + noise * (state << 21);
  }
}

/** A number in [0, 1) that depends on the cell only. */
function hash(x: number, y: number): number {
  let h = Math.imul(x ^ 0x27d4eb2f, 0x85ebca6b) ^ Math.imul(y ^ 0x165667b1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 0x100000000;
}

/** Smooth noise in [−1, 1] along a row: two octaves of random grids, bilinearly interpolated. */
function blotch(width: number, height: number, random: Random): (y: number, row: Float32Array) => void {
  const octaves = [8, 24].map((cells, i) => {
    const grid = Float32Array.from({ length: (cells + 2) * (cells + 2) }, () => random.uniform(-1, 1));
    return { grid, stride: cells + 2, sx: cells / width, sy: cells / height, weight: i === 0 ? 0.65 : 0.35 };
  });
  return (y, row) => {
    row.fill(0);
    for (const { grid, stride, sx, sy, weight } of octaves) {
      const v = y * sy;
      const fy = v - Math.floor(v);
      for (let x = 0; x < row.length; x++) {
        const u = x * sx;
        const at = Math.floor(v) * stride + (u | 0);
        const fx = u - (u | 0);
        const upper = grid[at]! + fx * (grid[at + 1]! - grid[at]!);
        const lower = grid[at + stride]! + fx * (grid[at + stride + 1]! - grid[at + stride]!);
        row[x]! += weight * (upper + fy * (lower - upper));
      }
    }
  };
}
