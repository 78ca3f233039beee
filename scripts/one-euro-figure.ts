/**
 * The picture of docs/camera.md: what the two parameters of the 1 € filter do, on a trajectory that was recorded.
 *
 *     npx tsx scripts/one-euro-figure.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { keypointsOf, type Keypoints } from 'poseblocks/keypoints';
import { oneEuro, type OneEuroOptions } from 'poseblocks/video';
import { curvesSvg, type Series } from 'poseblocks/visualize';

const WRIST = 9;
const { still, walking } = JSON.parse(readFileSync('test/fixtures/pose-trajectories.json', 'utf8')) as Record<
  'still' | 'walking',
  number[][]
>;
// The person stands for a second, then walks on from there.
const offset = walking[0]!.map((value, i) => (i % 3 === 2 ? 0 : value - still[29]![i]!));
const rows = [...still.slice(0, 30), ...walking.slice(0, 45).map((row) => row.map((value, i) => value - offset[i]!))];
const poses = rows.map((row): Keypoints<'image'> => keypointsOf('image', row));

function smoothed(options: OneEuroOptions): number[] {
  const smooth = oneEuro(options);
  return poses.map((pose, i) => smooth(pose, i / 30).xy[2 * WRIST]!);
}

const x = poses.map((_, i) => i / 30);
const series: Series[] = [
  { name: 'as estimated', x, y: poses.map(({ xy }) => xy[2 * WRIST]!) },
  { name: 'default: minCutoff 0.5, beta 6', x, y: smoothed({}) },
  { name: 'beta 0: still, but it lags', x, y: smoothed({ beta: 0 }) },
  { name: 'minCutoff 8: no lag, but it trembles', x, y: smoothed({ minCutoff: 8, beta: 0 }) },
];
const title = 'x of a wrist: a second at rest, then walking';
writeFileSync(
  'docs/images/one-euro.svg',
  curvesSvg(series, { size: [820, 380], title, xLabel: 'seconds', yLabel: 'pixels' }),
);
