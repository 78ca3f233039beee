import { paletteColor } from './colors';
import { poseMarks, sideOf, type Pose, type PoseBox, type PoseMark, type Skeleton } from './pose';
import { checkBox, frame } from './pose-frame';
import { coordinate, element, root, text, textWidth } from './svg';

export interface PoseSvgOptions {
  /** `[width, height]` of the image in pixels. */
  readonly size: readonly [width: number, height: number];
  /** Names give sides their colours, edges are the limbs. A `KeypointSet` fits. */
  readonly skeleton: Skeleton;
  /** Address or `data:` URL of the image beneath. */
  readonly image?: string;
  /** Part of the image to show; all of it by default. */
  readonly view?: PoseBox;
  /** Height of the picture in pixels, the same for figures that stand in a row; by default that of the image or view. */
  readonly height?: number;
  /** Predictions below this confidence are not drawn. Default 0.2. */
  readonly threshold?: number;
  /**
   * `'side'`: left blue, right orange, the axis green. `'person'`: one colour each. Or a colour for each edge.
   * By default by side for one person, by person for several.
   */
  readonly colors?: 'side' | 'person' | readonly string[];
  /** Writes each keypoint's name beside it. Default false. */
  readonly keypointNames?: boolean;
  /** Width of a limb in pixels of the image; follows the person's size by default. */
  readonly lineWidth?: number;
  /** Read to those who cannot see the picture. */
  readonly title?: string;
}

const SIDES = { left: '#2f9bea', right: '#f5940c', center: '#17b890' } as const;

/**
 * People over their image, as SVG: limbs, keypoints, boxes and labels.
 *
 * @param people one pose, or several.
 * @throws RangeError when sizes, scores or edges do not fit the keypoints.
 * @example
 * const svg = poseSvg({ ...keypoints, box, label: '0.93' }, { skeleton: COCO, size: [640, 480], image: 'photo.jpg' });
 */
export function poseSvg(people: Pose | readonly Pose[], options: PoseSvgOptions): string {
  const poses = isList(people) ? people : [people];
  const { size, skeleton, image, view, threshold = 0.2 } = options;
  const colors = options.colors ?? (poses.length > 1 ? 'person' : 'side');
  checkBox('size', [0, 0, ...size]);
  if (view !== undefined) checkBox('view', view);
  if (typeof colors !== 'string' && colors.length !== skeleton.edges.length) {
    throw new RangeError(
      `poseSvg: colors must hold one for each edge. Received: ${colors.length} for ${skeleton.edges.length} edges.`,
    );
  }

  const [width, height] = size;
  const shown = view ?? ([0, 0, width, height] as const);
  const picture =
    image === undefined ? [] : [element('image', { href: image, width, height, preserveAspectRatio: 'none' })];
  const scale = (options.height ?? shown[3]) / shown[3];
  if (!(scale > 0 && scale < Infinity)) {
    throw new RangeError(`poseSvg: height must be a positive number of pixels. Received: ${options.height}.`);
  }
  const figures = poses.map((pose, i) => figure(pose, i, colors, threshold, shown, options));
  return root([scale * shown[2], scale * shown[3]], { viewBox: shown, title: options.title }, ...picture, ...figures);
}

function figure(
  pose: Pose,
  index: number,
  colors: 'side' | 'person' | readonly string[],
  threshold: number,
  shown: PoseBox,
  { skeleton, keypointNames = false, lineWidth }: PoseSvgOptions,
): string {
  const names = skeleton.names ?? [];
  const marks = poseMarks(pose, threshold);
  const own = pose.color ?? (colors === 'person' ? paletteColor(index) : undefined);
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
    return [line(from, to, stroke, limb, dashed)];
  });
  const joints = marks.flatMap((mark, k) => (mark === undefined ? [] : [joint(mark, colorOf(k), limb)]));
  const labels = keypointNames ? marks.flatMap((mark, k) => keypointName(mark, names[k], limb, shown)) : [];
  const color = own ?? paletteColor(index);
  return element('g', { 'stroke-linecap': 'round' }, ...frame(pose, color, shown), ...limbs, ...joints, ...labels);
}

/** 1.9 % of the person's extent, within what stays visible and does not cover the image. */
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

function line(from: PoseMark, to: PoseMark, stroke: string, width: number, dashed: boolean): string {
  const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  const opacity = Math.min(from.opacity, to.opacity);
  const dashes = dashed ? `${coordinate(0.1 * width)} ${coordinate(2.2 * width)}` : undefined;
  // The dark line beneath keeps the limb apart from a photograph of its own colour.
  return (
    element('line', {
      ...ends,
      stroke: '#000',
      'stroke-width': 1.7 * width,
      'stroke-opacity': 0.35 * opacity,
      'stroke-dasharray': dashes,
    }) +
    element('line', { ...ends, stroke, 'stroke-width': width, 'stroke-opacity': opacity, 'stroke-dasharray': dashes })
  );
}

function joint({ x, y, opacity, occluded }: PoseMark, color: string, limb: number): string {
  return element('circle', {
    cx: x,
    cy: y,
    r: 1.05 * limb,
    fill: occluded ? '#fff' : color,
    stroke: occluded ? color : '#fff',
    'stroke-width': (occluded ? 0.7 : 0.4) * limb,
    opacity,
  });
}

function keypointName(
  mark: PoseMark | undefined,
  name: string | undefined,
  limb: number,
  [left, , width]: PoseBox,
): string[] {
  if (mark === undefined || name === undefined) return [];
  const words = name.replaceAll('_', ' ');
  const fontSize = 2.8 * limb;
  const fits = mark.x + 1.8 * limb + textWidth(words, fontSize) <= left + width;
  const x = mark.x + (fits ? 1.8 : -1.8) * limb;
  const outline = { stroke: '#000', 'stroke-width': 0.55 * limb, 'stroke-opacity': 0.75, 'paint-order': 'stroke' };
  return [
    text(words, {
      x,
      y: mark.y + limb,
      'text-anchor': fits ? undefined : 'end',
      'font-size': fontSize,
      fill: '#fff',
      ...outline,
    }),
  ];
}

function isList(people: Pose | readonly Pose[]): people is readonly Pose[] {
  return Array.isArray(people);
}
