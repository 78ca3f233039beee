import { keypointsOf, type Keypoints } from 'poseblocks/keypoints';
import { oneEuro, type OneEuroOptions } from 'poseblocks/video';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const fixture = (name: string): string => readFileSync(`test/fixtures/${name}`, 'utf8');

/** Recorded from MoveNet on synthetic walks, 30 pictures a second; each row holds 17 keypoints as x, y and score. */
const recorded = JSON.parse(fixture('pose-trajectories.json')) as { still: number[][]; walking: number[][] };
const poses = (rows: readonly number[][]): Keypoints<'image'>[] => rows.map((row) => keypointsOf('image', row));

function smoothed(rows: readonly number[][], options: OneEuroOptions = {}): Float32Array[] {
  const smooth = oneEuro(options);
  return poses(rows).map((pose, i) => smooth(pose, i / 30).xy);
}

const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

describe('oneEuro', () => {
  it("gives the numbers of the authors' implementation on their example", () => {
    // github.com/casiez/OneEuroFilter, groundTruth.csv, computed by their package 1eurofilter 1.3.0: 120 Hz, mincutoff 1, beta 0.1.
    const rows = fixture('one-euro.csv').trim().split('\n').slice(1).map((line) => line.split(',').map(Number)); // prettier-ignore
    expect(rows.length).toBe(600);
    const smooth = oneEuro({ minCutoff: 1, beta: 0.1, derivativeCutoff: 1 });
    for (const [time, noisy, filtered] of rows as [number, number, number][]) {
      const { xy } = smooth({ frame: 'image', xy: Float32Array.of(noisy, 0), score: Float32Array.of(1) }, time, 1);
      expect(Math.abs(xy[0]! - filtered)).toBeLessThan(2e-7); // float32 in and out
      expect(xy[1]).toBe(0);
    }
  });

  it('takes 70 % or more of the jitter out of every keypoint at rest', () => {
    const raw = poses(recorded.still).map(({ xy }) => xy);
    const calm = smoothed(recorded.still);
    for (let i = 0; i < 34; i++) {
      const [before, after] = [raw, calm].map((rows) => deviation(rows.slice(30).map((row) => row[i]!))) as [number, number]; // prettier-ignore
      expect(before, `coordinate ${i}`).toBeGreaterThan(0.1);
      expect(1 - after / before, `coordinate ${i}`).toBeGreaterThanOrEqual(0.7);
    }
  });

  it('lags less than a picture behind someone who walks', () => {
    const raw = poses(recorded.walking).map(({ xy }) => xy);
    const calm = smoothed(recorded.walking);
    for (let k = 0; k < 17; k++) {
      const distance = (lag: number): number => {
        let sum = 0;
        for (let i = 10; i < 110; i++) {
          const [at, part] = [Math.floor(i - lag), i - lag - Math.floor(i - lag)];
          for (const c of [2 * k, 2 * k + 1]) {
            sum += (calm[i]![c]! - (1 - part) * raw[at]![c]! - part * raw[at + 1]![c]!) ** 2;
          }
        }
        return sum;
      };
      const lags = Array.from({ length: 81 }, (_, i) => i / 20);
      const lag = lags.reduce((best, each) => (distance(each) < distance(best) ? each : best));
      expect(lag, `keypoint ${k}`).toBeLessThan(1);
    }
  });

  it('follows a jump within three pictures', () => {
    const before = recorded.still.slice(0, 30);
    const after = recorded.still.slice(30, 40).map((row) => row.map((value, i) => (i % 3 === 0 ? value + 150 : value)));
    const calm = smoothed([...before, ...after]);
    for (let k = 0; k < 17; k++) {
      expect(Math.abs(calm[32]![2 * k]! - after[2]![3 * k]!), `keypoint ${k}`).toBeLessThan(0.02 * 150);
    }
  });

  it('does the same near and far', () => {
    const far = recorded.walking.map((row) => row.map((value, i) => (i % 3 === 2 ? value : value / 4)));
    const [near, small] = [smoothed(recorded.walking), smoothed(far)];
    near.forEach((row, i) => row.forEach((value, j) => expect(small[i]![j]).toBeCloseTo(value / 4, 3)));
  });

  it('leaves a keypoint that is not seen where it was, and passes over what is not finite', () => {
    const smooth = oneEuro();
    const pose = (x: number, score: number): Keypoints<'image'> => keypointsOf('image', [x, 10, score, 50, 90, 1]);
    smooth(pose(20, 1), 0);
    expect(smooth(pose(400, 0), 0.03).xy[0]).toBe(20);
    expect(smooth(pose(NaN, 1), 0.06).xy[0]).toBe(20);
    const half = smooth(pose(30, 0.1), 0.1).xy[0]! - 20;
    smooth.reset();
    smooth(pose(20, 1), 0);
    smooth(pose(20, 1), 0.06);
    const whole = smooth(pose(30, 1), 0.1).xy[0]! - 20;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(whole);
  });

  it('begins afresh when time runs back, gives a picture seen twice unchanged, and never changes its input', () => {
    const smooth = oneEuro();
    const [a, b] = poses(recorded.walking.slice(0, 2)) as [Keypoints<'image'>, Keypoints<'image'>];
    const given = b.xy.slice();
    smooth(a, 5);
    const first = smooth(b, 5.03);
    expect(smooth(a, 5.03).xy).toEqual(first.xy);
    expect(b.xy).toEqual(given);
    expect(smooth(b, 1).xy).toEqual(b.xy);
  });

  it.each([
    [{ minCutoff: 0 }, 'oneEuro: minCutoff, derivativeCutoff and confident must be positive'],
    [{ beta: -1 }, 'beta at least 0'],
    [{ beta: NaN }, 'beta at least 0'],
  ])('refuses %j', (options, message) => {
    expect(() => oneEuro(options)).toThrow(message);
  });

  it('refuses a time that is none, a size that is none, and another number of keypoints', () => {
    const smooth = oneEuro();
    const [pose] = poses(recorded.still);
    expect(() => smooth(pose!, NaN)).toThrow('oneEuro: time must be finite');
    expect(() => smooth(pose!, 0, 0)).toThrow('oneEuro: size must be a positive number');
    smooth(pose!, 0);
    expect(() => smooth(keypointsOf('image', [1, 2, 1]), 1)).toThrow('which had 17 keypoints. Received: 1.');
  });
});
