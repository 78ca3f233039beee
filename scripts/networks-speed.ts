import { paperNetworks } from 'poseblocks/recipes';
import { median } from '../bench/measure';
import { table } from './results/report';
import { readCsv } from './results/runs';

/** Why a network is under 30 GFLOP/s, by what its name contains. */
const SLOW: readonly (readonly [string, string])[] = [
  ['grouped', 'its 1×1 convolutions are grouped: products of few channels, and copies between the groups'],
  ['dwsep', 'its depthwise convolutions reuse nothing, and their maps are large'],
]; // prettier-ignore

/** What `bench/engines/every-network.ts` has measured, the median of each network's rows. */
export function speedSection(): string[] {
  const measured = readCsv('bench/results/every-network.csv');
  const middle = (rows: typeof measured, name: string): number => median(rows.map((one) => Number(one[name])));
  const lines = paperNetworks().flatMap((id) => {
    const own = measured.filter(({ network }) => network === id);
    if (own.length === 0) return [];
    const rates = ['inference_gflops', 'training_gflops'].map((name) => middle(own, name));
    const why = Math.min(...rates) < 30 ? (SLOW.find(([part]) => id.includes(part))?.[1] ?? '') : '';
    const [forward, step] = ['inference_ms', 'step_ms'].map((name) => middle(own, name));
    return [[`\`${id}\``, own[0]!['gflop']!, String(forward), rates[0]!.toFixed(0), own[0]!['batch']!, String(step), rates[1]!.toFixed(0), why]]; // prettier-ignore
  });
  const { machine, node, simd } = measured[0]!;
  const head = [
    'network',
    'GFLOP',
    'inference, ms',
    'GFLOP/s',
    'batch',
    'training step, ms',
    'GFLOP/s',
    'under 30 because',
  ];
  return [
    '## How fast each is',
    '',
    `On one core (${machine}, Node ${node}, ${simd} SIMD): the compiled network, batch 1, and a step of Adam with all layers trained. An operation is a multiplication or an addition of the`,
    'convolutions as the network defines them, three times those of forward for a step; Winograd’s algorithm saves some, so that rates above the 51 GFLOP/s of the core’s fused',
    'multiply–adds of 128 bits are possible. Measured by `bench/engines/every-network.ts` on a machine that others use too: a row may be a quarter too slow.',
    '',
    table(head, lines),
    '',
  ];
}
