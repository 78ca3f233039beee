import type { Canvas, Paint, Point } from './canvas';
import type { Part } from './parts';
import type { Vector } from './pose';

/** The position of a figure: the pixel of its pelvis, and its height in pixels. */
export interface Stand {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** Weak perspective: parts nearer to the viewer appear slightly larger. */
export function project({ x, y, height }: Stand, v: Vector): Point {
  const scale = height / (1 - 0.12 * v[2]);
  return [x + scale * v[0], y + scale * v[1]];
}

/** Draws shapes of one figure; `part` becomes the owner of their pixels. Depth decides which shape covers which. */
export interface Brush {
  readonly at: (v: Vector) => Point;
  /** Pixels per unit of the figure's height. */
  readonly height: number;
  readonly capsule: (depth: number, part: Part, a: Vector, b: Vector, ra: number, rb: number, paint: Paint) => void;
  readonly shape: (depth: number, part: Part, draw: (target: Canvas, owner: number) => void) => void;
}

/** Depth of a part between two joints. */
export function depthOf(a: Vector, b: Vector): number {
  return (a[2] + b[2]) / 2;
}
