/**
 * Crop and normalise 192×256 from 640×480 through an affine with rotation, against OpenCV + numpy, one thread each, in
 * turns. The peer runs the `crop` job of a peers.py given by PEERS (one JSON line with `per_second`).
 * Usage: PEERS=path/to/peers.py npx tsx bench/datasets/crop.ts [ROUNDS]
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cropImage } from 'poseblocks/datasets';
import { cropFromMatrix } from 'poseblocks/geometry';
import { seededRandom } from 'poseblocks/random';

const rounds = Number(process.argv[2] ?? 9);
const peers = process.env.PEERS;
if (peers === undefined) throw new Error('crop.ts: set PEERS to the script that times OpenCV and numpy.');

const random = seededRandom(0);
const image = { width: 640, height: 480, data: Uint8Array.from({ length: 640 * 480 * 3 }, () => random.integer(255)) };
const crop = cropFromMatrix([0.6, 0.1, -60, -0.1, 0.6, -20], [192, 256]);
const out = new Float32Array(32 * 3 * 192 * 256);

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
function ours(repeats: number): number {
  const times: number[] = [];
  for (let r = 0; r < repeats; r++) {
    const start = performance.now();
    for (let n = 0; n < 32; n++) cropImage(image, crop, { out: out.subarray(n * 147456, (n + 1) * 147456) });
    times.push(performance.now() - start);
  }
  return 32000 / median(times);
}
const theirs = (): number =>
  (JSON.parse(execFileSync('/usr/bin/python3', [peers, 'crop', '20'], { encoding: 'utf8' })) as { per_second: number })
    .per_second;

ours(5);
const rows = Array.from({ length: rounds }, () => [ours(20), theirs()] as const);
const csv = ['round,poseblocks_per_s,opencv_numpy_per_s,ratio'];
rows.forEach(([a, b], i) => csv.push(`${i},${a.toFixed(1)},${b.toFixed(1)},${(a / b).toFixed(3)}`));
writeFileSync(new URL('../results/crop.csv', import.meta.url), `${csv.join('\n')}\n`);
console.log(csv.join('\n'), '\nmedian ratio', median(rows.map(([a, b]) => a / b)).toFixed(3));
