/**
 * Draws the best, the median and the worst people of LSP-test as the shipped network finds them, without their photographs, which are not ours to show.
 *
 *   npx tsx scripts/results/leeds-people.ts [--data ../shared/data] [--weights weights/lpn-50-leeds.safetensors]
 *
 * Writes docs/images/leeds-people.webp.
 */
import { parseArgs } from 'node:util';
import { topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { LSP } from 'poseblocks/keypoints';
import { torsoDiameters } from 'poseblocks/metrics';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { predictPeople, type PosePrediction } from 'poseblocks/training';
import { poseSvg, rowsSvg } from 'poseblocks/visualize';
import sharp from 'sharp';
import { testPeople } from '../weights/people';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    weights: { type: 'string', default: 'weights/lpn-50-leeds.safetensors' },
  },
});
const SHOWN = 6;
const HEIGHT = 150;

await useEngine('wasm');
const { codec, network } = await loadPoseModelFile(values.weights);
const run = await compile(network);
const test = await testPeople(values.data);
const people = await predictPeople(run, {
  batches: () => topDown({ ...test, codec, batchSize: 32 }),
  codec,
  flip: LSP,
});
run.dispose();
network.dispose();

/** Mean distance of the keypoints, pixels. */
function distance({ sample, keypoints: { xy } }: PosePrediction): number {
  const truth = sample.keypoints.xy;
  const distances = LSP.names.map((_, k) => Math.hypot(xy[2 * k]! - truth[2 * k]!, xy[2 * k + 1]! - truth[2 * k + 1]!));
  return distances.reduce((a, b) => a + b, 0) / distances.length;
}

const torsos = torsoDiameters(people.map(({ sample }) => sample.keypoints), LSP); // prettier-ignore
const sorted = people
  .map((person, n) => ({ person, error: distance(person) / torsos[n]! }))
  .sort((a, b) => a.error - b.error);
const middle = Math.round((sorted.length - SHOWN) / 2);
const rows = [
  ['The best', sorted.slice(0, SHOWN)],
  ['The median', sorted.slice(middle, middle + SHOWN)],
  ['The worst', sorted.slice(-SHOWN)],
] as const;

/** The annotation in grey under the prediction, and the error. */
function drawn({ person: { sample, keypoints }, error }: (typeof sorted)[number]): string {
  const [width, height] = sample.imageSize!;
  const truth = { ...sample.keypoints, kind: 'truth' as const, color: '#9aa0a6' };
  return poseSvg([truth, keypoints], {
    skeleton: LSP,
    size: [width, height],
    height: HEIGHT,
    colors: 'side',
    title: `${sample.fileName}: mean error ${error.toFixed(2)} of the torso`,
  });
}

const title = `${people.length} people of LSP-test by mean error in torsos: annotated grey, found in colour`;
const svg = rowsSvg(
  rows.map(([name, some]) => ({
    title: `${name}: ${some.map(({ error }) => error.toFixed(2)).join(', ')}`,
    figures: some.map(drawn),
  })),
  { title },
);
await sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).webp({ quality: 68, effort: 6, smartSubsample: true }).toFile('docs/images/leeds-people.webp'); // prettier-ignore
console.log(rows.map(([name, some]) => `${name}: ${some.map(({ error }) => error.toFixed(3)).join(' ')}`).join('\n'));
