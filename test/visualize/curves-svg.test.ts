import fc from 'fast-check';
import { curvesSvg, type CurvesOptions, type Series } from 'poseblocks/visualize';
import { describe, expect, test } from 'vitest';
import { axis } from '../../src/visualize/axis';
import { smoothed, thinned, type Point } from '../../src/visualize/polyline';
import { all, parseSvg } from './parse-svg';

const points = (d: string): number[][] =>
  [...d.matchAll(/[ML](\S+) ([^ML]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
const labels = (svg: string): string[] => all(svg, 'text').map(({ text }) => text);

describe('axis', () => {
  test.each([
    [[0, 1], {}, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [[3, 97], {}, ['0', '20', '40', '60', '80', '100']],
    [[-0.02, 0.013], {}, ['-0.02', '-0.01', '0.00', '0.01', '0.02']],
    [[0, 3e6], {}, ['0', '5e5', '1e6', '1.5e6', '2e6', '2.5e6', '3e6']],
    [[0, 3e-7], {}, ['0', '5e-8', '1e-7', '1.5e-7', '2e-7', '2.5e-7', '3e-7']],
    [[1e9, 1e9 + 4], {}, ['1e9', '1.000000001e9', '1.000000002e9', '1.000000003e9', '1.000000004e9']],
    [[7, 7], {}, ['0', '2', '4', '6', '8']],
    [[], {}, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [[0, 299], { rounded: false }, ['0', '50', '100', '150', '200', '250']],
    [[1e-5, 3e-2], { scale: 'log' }, ['1e-5', '1e-4', '0.001', '0.01', '0.1']],
    [[0.03, 0.4], { scale: 'log' }, ['0.02', '0.05', '0.1', '0.2', '0.5']],
    [[1e-20, 1], { scale: 'log' }, ['1e-20', '1e-16', '1e-12', '1e-8', '1e-4', '1']],
    [[999999997.6974126, 999999997.6974127], { scale: 'log' }, ['2e8', '5e8', '1e9', '2e9']],
    [[0.12, 0.19], { scale: 'log', range: [0.116, 0.196] }, ['0.12', '0.14', '0.16', '0.18']],
    [[0, -1, NaN], { scale: 'log' }, ['0.1', '0.2', '0.5', '1']],
  ] as const)('ticks of %j, %j', (values, options, expected) => {
    const scale = axis('test', values, options);
    expect(scale.ticks.map(scale.format)).toEqual(expected);
  });

  test('any data lies on its axis, between the first and the last tick', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.constantFrom('linear', 'log'), (values, scale) => {
        const found = axis('test', values, { scale });
        expect(found.ticks.length).toBeGreaterThanOrEqual(2);
        for (const x of values) {
          const position = found.position(x);
          if (position === undefined) expect(scale === 'log' && x < 1e-300).toBe(true);
          else expect(position >= -1e-6 && position <= 1 + 1e-6).toBe(true);
        }
      }),
    );
  });
});

describe('thinned', () => {
  test('keeps the ends and the extremes of each column, in order', () => {
    const line: Point[] = Array.from({ length: 10_000 }, (_, i) => [i / 100, Math.sin(i) * (i === 5555 ? 50 : 1)]);
    const kept = thinned(line);
    expect(kept.length).toBeLessThanOrEqual(4 * 100);
    expect(kept[0]).toBe(line[0]);
    expect(kept.at(-1)).toBe(line.at(-1));
    expect(Math.min(...kept.map(([, y]) => y))).toBe(Math.min(...line.map(([, y]) => y)));
    expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).sort((a, b) => a - b));
  });
});

describe('smoothed', () => {
  test('a constant stays, an impulse fades, gaps stay gaps', () => {
    smoothed([5, 5, 5], 0.9).forEach((value) => expect(value).toBeCloseTo(5, 12));
    const [a, b, c, d] = smoothed([1, NaN, 0, 0], 0.5);
    expect([a, b]).toEqual([1, NaN]);
    expect(c).toBeCloseTo(1 / 3, 12);
    expect(d).toBeCloseTo(1 / 7, 12);
  });
});

describe('curvesSvg', () => {
  test('points stand where the axes say', () => {
    const svg = curvesSvg([{ name: 'a', y: [0, 10, 5] }], { size: [400, 300] });
    const [[x0, y0], [x1, y1], [x2, y2]] = points(all(svg, 'path')[0]!.attributes.d!) as [number[], number[], number[]];
    expect(x1! - x0!).toBeCloseTo(x2! - x1!, 1);
    expect((y0! + y1!) / 2).toBeCloseTo(y2!, 1);
    const grid = all(svg, 'line').map(({ attributes }) => Number(attributes.y1));
    expect(grid).toContain(y0);
    expect(grid).toContain(y1);
  });

  test('a decade is as high as the next on a log axis', () => {
    const svg = curvesSvg([{ name: 'a', y: [1e-3, 1e-2, 1e-1, 1] }], { yScale: 'log' });
    const ys = points(all(svg, 'path')[0]!.attributes.d!).map(([, y]) => y!);
    expect(ys[0]! - ys[1]!).toBeCloseTo(ys[2]! - ys[3]!, 1);
  });

  test('what cannot be shown leaves a gap, and a lone point a dot', () => {
    const y = Array.from({ length: 40 }, (_, i) => (i === 20 || i === 22 ? NaN : i + 1));
    const svg = curvesSvg([{ name: 'a', y }]);
    expect(all(svg, 'path')[0]!.attributes.d!.match(/M/g)).toHaveLength(2);
    expect(all(svg, 'circle')).toHaveLength(1);
    const log = curvesSvg([{ name: 'a', y: y.map((value) => value - 10) }], { yScale: 'log' });
    expect(points(all(log, 'path')[0]!.attributes.d!).length).toBeLessThan(30);
  });

  test('steps hold their value', () => {
    const svg = curvesSvg([{ name: 'rate', y: [3, 3, 1], steps: true }]);
    const [, , before, corner, after] = points(all(svg, 'path')[0]!.attributes.d!);
    expect(corner).toEqual([after![0], before![1]]);
    expect(all(svg, 'circle')).toHaveLength(0);
  });

  test('legend, title and axis labels are escaped text', () => {
    const svg = curvesSvg([{ name: 'a<b', y: [1] }, { name: 'c&d', y: [2] }], { title: '"t"', xLabel: 'x>', yLabel: 'y\u0000' }); // prettier-ignore
    expect(labels(svg)).toEqual(expect.arrayContaining(['a<b', 'c&d', '"t"', 'x>', 'y\ufffd']));
  });

  test('series differ in colour, and beyond the palette in dashes', () => {
    const series = Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, y: [i, i + 1] }));
    const styles = all(curvesSvg(series), 'path').map(
      ({ attributes }) => attributes.stroke + (attributes['stroke-dasharray'] ?? ''),
    );
    expect(new Set(styles).size).toBe(10);
  });

  test('smoothing keeps the raw line, and leaves short series alone', () => {
    const y = Array.from({ length: 100 }, (_, i) => i % 7);
    expect(all(curvesSvg([{ name: 'a', y }], { smoothing: 0.9 }), 'path')).toHaveLength(2);
    expect(all(curvesSvg([{ name: 'a', y: y.slice(0, 24) }], { smoothing: 0.9 }), 'path')).toHaveLength(1);
  });

  test('values beyond a given range stay near the plot', () => {
    const svg = curvesSvg([{ name: 'a', y: [0, 1e9, -1e9] }], { yRange: [0, 1], size: [400, 300] });
    for (const [, y] of points(all(svg, 'path')[0]!.attributes.d!)) expect(y! > 0 && y! < 300).toBe(true);
  });

  test('a million points stay a small file', () => {
    const y = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i * 12.9898));
    expect(curvesSvg([{ name: 'a', y }]).length).toBeLessThan(60_000);
  });

  test('any series make well-formed SVG', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, 0, 1e-320));
    const line = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 9 }),
      y: fc.array(value, { maxLength: 30 }),
    });
    const scale = fc.constantFrom('linear' as const, 'log' as const);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), scale, (series, yScale) => {
        parseSvg(curvesSvg(series, { yScale, smoothing: 0.5 }));
      }),
    );
  });

  test.each<[string, Series[], CurvesOptions, string]>([
    ['no series', [], {}, 'curvesSvg: there must be at least one series. Received: [].'],
    [
      'x and y apart',
      [{ name: 'a', x: [1], y: [1, 2] }],
      {},
      'curvesSvg: x and y must have the same length. Received: 1 and 2 in "a".',
    ],
    [
      'an empty range',
      [{ name: 'a', y: [1] }],
      { yRange: [1, 1] },
      'curvesSvg: y: range must be two numbers, low < high. Received: [1, 1].',
    ],
    [
      'zero on a log axis',
      [{ name: 'a', y: [1] }],
      { xScale: 'log', xRange: [0, 1] },
      'curvesSvg: x: range must be two positive numbers, low < high. Received: [0, 1].',
    ],
    [
      'a size too small',
      [{ name: 'a', y: [1] }],
      { size: [30, 30] },
      'curvesSvg: size must be large enough for the axes and 1 names. Received: [30, 30].',
    ],
    [
      'total smoothing',
      [{ name: 'a', y: [1] }],
      { smoothing: 1 },
      'curvesSvg: smoothing must be at least 0 and below 1. Received: 1.',
    ],
  ])('%s is an error', (_, series, options, message) => {
    expect(() => curvesSvg(series, options)).toThrow(new RangeError(message));
  });
});
