import { hasFields, knownOptions, requireThat } from '../bytes';
import { axis } from './axis';
import { curve, strokeOf, type Plot, type Series } from './curve';
import { coordinate, element, INK, root, text, textWidth } from './svg';

/** Options of {@link curvesSvg}. */
export interface CurvesOptions {
  /** Above the plot. */
  readonly title?: string;
  /** Below the horizontal axis. */
  readonly xLabel?: string;
  /** Beside the vertical axis. */
  readonly yLabel?: string;
  /** Scale of y. @defaultValue `'linear'` */
  readonly xScale?: 'linear' | 'log';
  /** Of the vertical axis. */
  readonly yScale?: 'linear' | 'log';
  /** Ends of an axis. @defaultValue the data's, with those of y rounded outwards */
  readonly xRange?: readonly [low: number, high: number];
  /** Limits of the vertical axis. */
  readonly yRange?: readonly [low: number, high: number];
  /** Weight of TensorBoard's moving average, from 0 to below 1; the raw values stay visible behind it. Series of up to 24 points are not smoothed. @defaultValue 0 */
  readonly smoothing?: number;
  /** `[width, height]` in pixels. @defaultValue [640, 360] */
  readonly size?: readonly [width: number, height: number];
}

const FONT_SIZE = 12;

/**
 * A plot of one or several lines as SVG: losses, learning rates, precision against recall.
 *
 * @throws RangeError when there is no series, x and y differ in length, or a range is empty.
 * @example
 * const svg = curvesSvg([{ name: 'loss', y: losses }], { xLabel: 'step', yScale: 'log', smoothing: 0.9 });
 */
export function curvesSvg(series: readonly Series[], options: CurvesOptions = {}): string {
  knownOptions('curvesSvg', options, ['title', 'xLabel', 'yLabel', 'xScale', 'yScale', 'xRange', 'yRange', 'smoothing', 'size']); // prettier-ignore
  const { title, size = [640, 360], smoothing = 0 } = options;
  check(series, size, smoothing);
  const [width, height] = size;
  const x = axis(
    'curvesSvg: x',
    all(series, (line) => line.x ?? line.y.length),
    { scale: options.xScale, range: options.xRange, rounded: false, count: Math.max(2, Math.round(width / 90)) },
  );
  const y = axis(
    'curvesSvg: y',
    all(series, (line) => line.y),
    { scale: options.yScale, range: options.yRange, count: Math.max(2, Math.round(height / 60)) },
  );

  const titleHeight = title === undefined ? 0 : 24;
  const entries = legend(series, 12, 8 + titleHeight, width - 24);
  const top = 14 + titleHeight + entries.height;
  const left =
    20 +
    Math.max(...y.ticks.map((tick) => textWidth(y.format(tick), FONT_SIZE))) +
    (options.yLabel === undefined ? 0 : 18);
  const bottom = 28 + (options.xLabel === undefined ? 0 : 18);
  const plot: Plot = { x, y, left, top, width: width - left - 18, height: height - top - bottom };
  if (!(plot.width > 20 && plot.height > 20)) {
    throw new RangeError(
      `curvesSvg: size must be large enough for the axes and ${series.length} names. Received: [${width}, ${height}].`,
    );
  }
  return root(
    size,
    { title, label: labelOf(series, options) },
    ...(title === undefined ? [] : [text(title, { x: 12, y: 22, 'font-size': 15, 'font-weight': 600, fill: INK })]),
    entries.markup,
    grid(plot, options),
    ...series.map((line, i) => curve(line, i, plot, smoothing)),
  );
}

/** What the plot shows, in words: `precision over recall`. */
function labelOf(series: readonly Series[], { xLabel, yLabel }: CurvesOptions): string {
  const names = series.length > 4 ? `${series.length} series` : series.map(({ name }) => name).join(', ');
  return `${yLabel === undefined ? names : `${yLabel} of ${names}`}${xLabel === undefined ? '' : ` over ${xLabel}`}`;
}

const hasLength = (values: unknown): boolean => hasFields(values, 'length');

function check(series: readonly Series[], [width, height]: readonly [number, number], smoothing: number): void {
  requireThat(
    Array.isArray(series) && series.every((line) => hasFields(line, 'name', 'y') && hasLength(line.y)),
    'curvesSvg',
    'series must be a list of { name, y }, y being numbers',
    series,
  );
  if (series.length === 0) throw new RangeError('curvesSvg: there must be at least one series. Received: [].');
  for (const { name, x, y } of series) {
    if (x !== undefined && x.length !== y.length) {
      throw new RangeError(
        `curvesSvg: x and y must have the same length. Received: ${x.length} and ${y.length} in "${name}".`,
      );
    }
  }
  if (!(width > 0 && height > 0 && Number.isFinite(width + height))) {
    throw new RangeError(`curvesSvg: size must be a positive [width, height]. Received: [${width}, ${height}].`);
  }
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new RangeError(`curvesSvg: smoothing must be at least 0 and below 1. Received: ${smoothing}.`);
  }
}

function* all(series: readonly Series[], of: (line: Series) => ArrayLike<number> | number): Generator<number> {
  for (const line of series) {
    const values = of(line);
    if (typeof values === 'number') yield* values > 0 ? [0, values - 1] : [];
    else for (let i = 0; i < values.length; i++) yield values[i]!;
  }
}

function legend(
  series: readonly Series[],
  left: number,
  top: number,
  room: number,
): { markup: string; height: number } {
  let [x, y] = [left, top];
  const entries = series.map((line, i) => {
    const width = 26 + textWidth(line.name, FONT_SIZE) + 14;
    if (x > left && x + width > left + room) [x, y] = [left, y + 18];
    const stroke = { ...strokeOf(line, i), 'stroke-width': 2.5 };
    const entry =
      element('line', { x1: x, x2: x + 20, y1: y + 8, y2: y + 8, ...stroke }) +
      text(line.name, { x: x + 26, y: y + 12, 'font-size': FONT_SIZE, fill: INK });
    x += width;
    return entry;
  });
  return { markup: entries.join(''), height: y + 18 - top };
}

function grid({ x, y, left, top, width, height }: Plot, { xLabel, yLabel }: CurvesOptions): string {
  const bottom = top + height;
  const faint = { stroke: INK, 'stroke-opacity': 0.25, 'stroke-width': 1 };
  const font = { 'font-size': FONT_SIZE, fill: INK };
  const rows = y.ticks.map((tick) => {
    const at = bottom - y.position(tick)! * height;
    return (
      element('line', { x1: left, x2: left + width, y1: at, y2: at, ...faint }) +
      text(y.format(tick), { x: left - 7, y: at + 4, 'text-anchor': 'end', ...font })
    );
  });
  const columns = x.ticks.map((tick) => {
    const at = left + x.position(tick)! * width;
    return (
      element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, ...faint, 'stroke-opacity': 0.7 }) +
      text(x.format(tick), { x: at, y: bottom + 18, 'text-anchor': 'middle', ...font })
    );
  });
  const middle = top + height / 2;
  return [
    ...rows,
    ...columns,
    element('line', { x1: left, x2: left + width, y1: bottom, y2: bottom, ...faint, 'stroke-opacity': 0.7 }),
    ...(xLabel === undefined
      ? []
      : [text(xLabel, { x: left + width / 2, y: bottom + 38, 'text-anchor': 'middle', ...font })]),
    ...(yLabel === undefined
      ? []
      : [
          text(yLabel, {
            x: 16,
            y: middle,
            'text-anchor': 'middle',
            transform: `rotate(-90 16 ${coordinate(middle)})`,
            ...font,
          }),
        ]),
  ].join('');
}
