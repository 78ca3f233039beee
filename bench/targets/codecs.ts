/**
 * Encoding, decoding and β-soft-argmax of 64 people (17 keypoints, 64×48 maps) on arrays, against numpy and PyTorch, one
 * thread each, in turns; the fastest repetition of each, medians over rounds. The peers are the jobs `encode`, `decode` and `softargmax` of a peers.py given by PEERS.
 * Usage: PEERS=path/to/peers.py npx tsx bench/targets/codecs.ts [ROUNDS]
 *
 * `new` allocates a target for each person, `into` overwrites one; `decode` and `softargmax` run on the peers' uniform
 * noise, `decode-poses` and `softargmax-poses` on Gaussians with noise, as a network gives; a fifth of those are noise alone.
 *
 * Twenty times PyTorch was wanted of `softargmax`: 6 µs a person, of which copying the maps would take 3.5 and finding
 * their peaks 3. On uniform noise at β = 160 a sixth of all cells weighs, more than half of all vectors of four; leaving the
 * others out costs more in branches than their exponentials do, at 7 cycles each 22 of 30 µs. Maps that all have a peak take 10.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { keypointsOf } from 'poseblocks/keypoints';
import { quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec, type HeatmapTarget } from 'poseblocks/targets';

const rounds = Number(process.argv[2] ?? 9);
const peers = process.env['PEERS'];
if (peers === undefined) throw new Error('codecs.ts: set PEERS to the script that times numpy and PyTorch.');

const N = 64;
const K = 17;
const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], sigma: 2, refine: quarterOffset });
const soft = softArgmaxDecoder({ beta: 160 });

let state = 1;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const people = Array.from({ length: N }, () =>
  keypointsOf(
    'input',
    Array.from({ length: K }, () => [192 * random(), 256 * random(), random() < 0.8 ? 2 : 0]).flat(),
  ),
);
const noise = people.map((person): HeatmapTarget => {
  const target = codec.encode(person);
  return { ...target, heatmaps: target.heatmaps.map(() => random()) };
});
const poses = people.map((person): HeatmapTarget => {
  const target = codec.encode(person);
  return { ...target, heatmaps: target.heatmaps.map((value) => value + 0.05 * random()) };
});
const reused = codec.encode(people[0]!);

const jobs: [name: string, peer: string, run: () => unknown][] = [
  ['encode-into', 'encode', () => people.map((person) => codec.encode(person, reused))],
  ['encode-new', 'encode', () => people.map((person) => codec.encode(person))],
  ['decode', 'decode', () => noise.map((target) => codec.decode(target))],
  ['decode-poses', 'decode', () => poses.map((target) => codec.decode(target))],
  ['softargmax', 'softargmax', () => noise.map((target) => soft(target))],
  ['softargmax-poses', 'softargmax', () => poses.map((target) => soft(target))],
];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
/** Persons per second of the fastest repetition: other work on the machine can only slow one down. */
const ours = (run: () => unknown, repeats: number): number => {
  let fastest = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return (1000 * N) / fastest;
};
const theirs = (job: string): number => {
  const { min_s } = JSON.parse(execFileSync('/usr/bin/python3', [peers, job, '10'], { encoding: 'utf8' })) as {
    min_s: number;
  };
  return N / min_s;
};

for (const [, , run] of jobs) ours(run, 10);
const csv = ['job,round,poseblocks_persons_per_s,peer_persons_per_s,ratio'];
const ratios = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  const peer = new Map(['encode', 'decode', 'softargmax'].map((job) => [job, theirs(job)]));
  for (const [name, job, run] of jobs) {
    const [a, b] = [ours(run, 40), peer.get(job)!];
    csv.push(`${name},${round},${a.toFixed(0)},${b.toFixed(0)},${(a / b).toFixed(2)}`);
    ratios.set(name, [...(ratios.get(name) ?? []), a / b]);
  }
}
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/codecs.csv', import.meta.url), `${csv.join('\n')}\n`);
for (const [name, values] of ratios) console.log(name.padEnd(20), median(values).toFixed(1), '× the peer');
