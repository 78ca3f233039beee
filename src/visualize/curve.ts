import type { Axis } from './axis';
import { paletteColor } from './colors';
import { runs, smoothed, thinned, type Point } from './polyline';
import { coordinate, element } from './svg';

/** One line of a plot. A value that is not finite, or not positive on a log axis, leaves a gap. */
export interface Series {
  readonly name: string;
  readonly y: ArrayLike<number>;
  /** x of each value. @defaultValue 0, 1, 2 … */
  readonly x?: ArrayLike<number>;
  readonly color?: string;
  /** Whether the line is dashed. @defaultValue false; series beyond the eight colours are always dashed */
  readonly dashed?: boolean;
  /** Holds each value until the next x, for schedules and interpolated precision. @defaultValue false */
  readonly steps?: boolean;
  /** Draws a dot at each point. @defaultValue true for series of up to 24 points */
  readonly dots?: boolean;
}

/** Position of the plot in the picture, in pixels. */
export interface Plot {
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Maximum number of points of a series that has dots and no smoothing. */
const FEW = 24;

const DASHES = [undefined, '6 3', '2 2.5', '8 3 2 3'] as const;

/** Colour and dashes of a series, also for its legend. */
export function strokeOf(line: Series, index: number): { stroke: string; 'stroke-dasharray': string | undefined } {
  const dashes = line.dashed === true ? DASHES[1] : DASHES[Math.floor(index / 8) % DASHES.length];
  return { stroke: line.color ?? paletteColor(index), 'stroke-dasharray': dashes };
}

/** The line of a series, its dots and, behind a smoothed line, the raw line. */
export function curve(line: Series, index: number, plot: Plot, smoothing: number): string {
  const stroke = strokeOf(line, index);
  const raw = path(line, line.y, plot);
  if (smoothing === 0 || line.y.length <= FEW) return stroked(raw, stroke, 2, 1) + dots(line, raw, stroke.stroke);
  return stroked(raw, stroke, 1, 0.3) + stroked(path(line, smoothed(line.y, smoothing), plot), stroke, 2, 1);
}

/** Points of the line in pixels; points outside the range of the axes are clamped slightly beyond their ends. */
function path({ x, steps = false }: Series, y: ArrayLike<number>, plot: Plot): Point[][] {
  const held = (share: number): number => Math.min(1.02, Math.max(-0.02, share));
  const points = Array.from(y, (value, i): Point | undefined => {
    const across = plot.x.position(x?.[i] ?? i);
    const up = plot.y.position(value);
    if (across === undefined || up === undefined) return undefined;
    return [plot.left + held(across) * plot.width, plot.top + (1 - held(up)) * plot.height];
  });
  return runs(points).map((run) => {
    const seen = thinned(run);
    return steps
      ? seen.flatMap((point, i): Point[] => (i === 0 ? [point] : [[point[0], seen[i - 1]![1]], point]))
      : seen;
  });
}

type Stroke = ReturnType<typeof strokeOf>;

function stroked(lines: readonly Point[][], stroke: Stroke, width: number, opacity: number): string {
  const d = lines
    .filter((line) => line.length > 1)
    .map((line) => line.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join(''))
    .join('');
  if (d === '') return '';
  return element('path', {
    d,
    fill: 'none',
    ...stroke,
    'stroke-width': width,
    'stroke-opacity': opacity,
    'stroke-linejoin': 'round',
  });
}

/** Single points have no line, so they need a dot. */
function dots(
  { y, dots: wanted = y.length <= FEW, steps = false }: Series,
  lines: readonly Point[][],
  fill: string,
): string {
  const shown = wanted && !steps ? lines.flat() : lines.filter((line) => line.length === 1).flat();
  return shown.map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill })).join('');
}
