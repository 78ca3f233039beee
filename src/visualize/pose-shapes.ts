import { hasFields, requireThat } from '../bytes';
import { paletteColor } from './colors';
import { poseMarks, sideOf, type Pose, type PoseBox, type PoseMark, type Skeleton } from './pose';
import { frame } from './pose-frame';
import type { Shape } from './shape';
import { coordinate, textWidth } from './svg';

/** Drawing style of people, on a canvas and as SVG. */
export interface PoseStyle {
  /** The skeleton: names determine the colours of sides, edges are the limbs. A `KeypointSet` fits. */
  readonly skeleton: Skeleton;
  /** Minimum confidence of a drawn keypoint. @defaultValue 0.2 */
  readonly threshold?: number;
  /**
   * `'side'`: left blue, right orange, the axis green. `'person'`: one colour per person. Or one colour per edge.
   * @defaultValue `'side'` for one person, `'person'` for several
   */
  readonly colors?: 'side' | 'person' | readonly string[];
  /** Draws each keypoint's name beside it. @defaultValue false */
  readonly keypointNames?: boolean;
  /** Width of a limb in pixels of the image. @defaultValue proportional to the person's size */
  readonly lineWidth?: number;
}

/** The options of {@link PoseStyle}. */
export const STYLE = ['skeleton', 'threshold', 'colors', 'keypointNames', 'lineWidth'] as const;

const SIDES = { left: '#2f9bea', right: '#f5940c', center: '#17b890' } as const;

/** @throws TypeError unless there are people, and a skeleton to draw them by. */
export function requirePeople(where: string, people: unknown, style: unknown): void {
  const all: readonly unknown[] = Array.isArray(people) ? people : [people];
  const bad = all.find((pose) => !hasFields(pose, 'xy'));
  requireThat(
    bad === undefined && people !== undefined,
    where,
    'people must be a pose { xy, score }, or a list of them',
    Array.isArray(people) ? bad : people,
  );
  const { skeleton } = (style ?? {}) as { readonly skeleton?: unknown };
  requireThat(
    hasFields(skeleton, 'edges'),
    where,
    'skeleton must be given, such as COCO of poseblocks/keypoints',
    skeleton,
  );
}

/**
 * The people of one picture as shapes, one list per person.
 *
 * @param shown the visible part of the image.
 * @throws RangeError when scores, colours or edges do not match the keypoints.
 */
export function peopleShapes(
  where: string,
  people: Pose | readonly Pose[],
  shown: PoseBox,
  style: PoseStyle,
): Shape[][] {
  const poses = isList(people) ? people : [people];
  const { skeleton, threshold = 0.2 } = style;
  const colors = style.colors ?? (poses.length > 1 ? 'person' : 'side');
  if (typeof colors !== 'string' && colors.length !== skeleton.edges.length) {
    throw new RangeError(
      `${where}: colors must hold one colour per edge. Received: ${colors.length} for ${skeleton.edges.length} edges.`,
    );
  }
  return poses.map((pose, i) => poseShapes(pose, i, colors, threshold, shown, style));
}

/**
 * One person as shapes, from bottom to top, in pixels of the image.
 *
 * @throws RangeError when scores or edges do not match the keypoints.
 */
function poseShapes(
  pose: Pose,
  index: number,
  colors: 'side' | 'person' | readonly string[],
  threshold: number,
  shown: PoseBox,
  { skeleton, keypointNames = false, lineWidth }: PoseStyle,
): Shape[] {
  const names = skeleton.names ?? [];
  const marks = poseMarks(pose, threshold);
  const own = pose.color ?? (colors === 'person' ? paletteColor(pose.id ?? index) : undefined);
  const limb = (pose.thin === true ? 0.4 : 1) * (lineWidth ?? limbWidth(marks, shown));
  const colorOf = (...keypoints: readonly number[]): string => {
    const sides = new Set(keypoints.map((k) => sideOf(names[k])).filter((side) => side !== 'center'));
    const [side = 'center'] = sides;
    return own ?? SIDES[sides.size > 1 ? 'center' : side];
  };

  const limbs = skeleton.edges.flatMap(([a, b], e) => {
    if (!(a >= 0 && b >= 0 && a < marks.length && b < marks.length)) {
      throw new RangeError(
        `poseSvg: edges must join keypoints of the pose. Received: [${a}, ${b}] of ${marks.length}.`,
      );
    }
    const [from, to] = [marks[a], marks[b]];
    if (from === undefined || to === undefined) return [];
    const dashed = from.occluded || to.occluded;
    const stroke = pose.color ?? (typeof colors === 'string' ? colorOf(a, b) : colors[e]!);
    return line(from, to, stroke, limb, dashed);
  });
  const joints = marks.flatMap((mark, k) => (mark === undefined ? [] : [joint(mark, colorOf(k), limb)]));
  const labels = keypointNames ? marks.flatMap((mark, k) => keypointName(mark, names[k], limb, shown)) : [];
  const color = own ?? paletteColor(pose.id ?? index);
  return [...frame(pose, color, shown), ...limbs, ...joints, ...labels];
}

/** 1.9 % of the person's extent, limited so that it stays visible and does not cover the image. */
function limbWidth(marks: readonly (PoseMark | undefined)[], [, , width, height]: PoseBox): number {
  const drawn = marks.filter((mark) => mark !== undefined);
  const extent = (of: (mark: PoseMark) => number): number =>
    drawn.length === 0 ? 0 : Math.max(...drawn.map(of)) - Math.min(...drawn.map(of));
  const diagonal = Math.hypot(width, height);
  const wanted =
    0.019 *
    Math.hypot(
      extent((mark) => mark.x),
      extent((mark) => mark.y),
    );
  return Math.min(Math.max(wanted, 0.002 * diagonal), 0.012 * diagonal);
}

function line(from: PoseMark, to: PoseMark, stroke: string, width: number, dashed: boolean): Shape[] {
  const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  const opacity = Math.min(from.opacity, to.opacity);
  const dashes = dashed ? `${coordinate(0.1 * width)} ${coordinate(2.2 * width)}` : undefined;
  // The dark line below separates the limb from a photograph of the same colour.
  return [
    {
      name: 'line',
      attributes: {
        ...ends,
        stroke: '#000',
        'stroke-width': 1.7 * width,
        'stroke-opacity': 0.35 * opacity,
        'stroke-dasharray': dashes,
      },
    },
    {
      name: 'line',
      attributes: { ...ends, stroke, 'stroke-width': width, 'stroke-opacity': opacity, 'stroke-dasharray': dashes },
    },
  ];
}

function joint({ x, y, opacity, occluded }: PoseMark, color: string, limb: number): Shape {
  const attributes = {
    cx: x,
    cy: y,
    r: 1.05 * limb,
    fill: occluded ? '#fff' : color,
    stroke: occluded ? color : '#fff',
    'stroke-width': (occluded ? 0.7 : 0.4) * limb,
    opacity,
  };
  return { name: 'circle', attributes };
}

function keypointName(
  mark: PoseMark | undefined,
  name: string | undefined,
  limb: number,
  [left, , width]: PoseBox,
): Shape[] {
  if (mark === undefined || name === undefined) return [];
  const words = name.replaceAll('_', ' ');
  const fontSize = 2.8 * limb;
  const fits = mark.x + 1.8 * limb + textWidth(words, fontSize) <= left + width;
  const x = mark.x + (fits ? 1.8 : -1.8) * limb;
  const outline = { stroke: '#000', 'stroke-width': 0.55 * limb, 'stroke-opacity': 0.75, 'paint-order': 'stroke' };
  const place = { x, y: mark.y + limb, 'text-anchor': fits ? undefined : 'end' };
  return [{ name: 'text', attributes: { ...place, 'font-size': fontSize, fill: '#fff', ...outline }, content: words }];
}

function isList(people: Pose | readonly Pose[]): people is readonly Pose[] {
  return Array.isArray(people);
}
