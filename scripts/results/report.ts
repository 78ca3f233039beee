import { BETAS } from './measure';
import { BATCH, HELD_OUT_PEOPLE, INPUT, TRAINING_PEOPLE } from './people';
import { mean, spread, valuesBySeed, valuesOf, type Row } from './runs';

const EPOCHS = '000 epoch-scaled targets';
const STEM = '001 reduced stem';
const GC = '003 global context and beta';
const STAGES = '003 iterative strategy';
const FINE = 'PCK@0.05 of stage 0';

/** `0.412 ± 0.020 (3)`: mean, standard deviation over the seeds, and how many those are. */
function cell(values: readonly number[]): string {
  if (values.length === 0) return 'not run';
  const digits = values.every(Number.isInteger) ? 0 : Math.abs(mean(values)) < 0.01 ? 4 : 3;
  const deviation = values.length > 1 && spread(values) > 0 ? ` ± ${spread(values).toFixed(Math.max(digits, 1))}` : '';
  return `${mean(values).toFixed(digits)}${deviation} (${values.length})`;
}

export function table(columns: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...lines.map(line)].join('\n');
}

const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toPrecision(2)}`;

/** Mean of the differences and its standard error, and on which side of 0 they lie: beyond twice the error, from three seeds on. */
export function judge(
  differences: readonly number[],
  unit = 'seeds',
): { text: string; side: 'above' | 'below' | 'neither' | 'open' } {
  if (differences.length === 0) return { text: 'not run', side: 'open' };
  const m = mean(differences);
  if (differences.length < 3)
    return {
      text: `${signed(m)}, ${differences.length} ${differences.length === 1 ? unit.replace(/s$/, '') : unit}`,
      side: 'open',
    };
  const error = spread(differences) / Math.sqrt(differences.length);
  const side = m > 2 * error ? 'above' : m < -2 * error ? 'below' : 'neither';
  return { text: `${signed(m)} ± ${error.toPrecision(2)}, ${differences.length} ${unit}`, side };
}

/** Whether a paired difference is what a paper claims: above 0, or with `notWorse` not below it. */
export function verdict(
  differences: readonly number[],
  what: string,
  { notWorse = false, unit = 'seeds' } = {},
): string {
  const { text, side } = judge(differences, unit);
  const word = {
    above: 'Reproduces',
    below: 'Does not reproduce: the opposite was measured',
    neither: notWorse ? 'Reproduces: not worse' : 'Does not reproduce: no difference beyond twice its error',
    open: `Undecided: fewer than three ${unit}`,
  }[side];
  return `**${word}.** ${what}: ${text}.`;
}

/** docs/results.md from the rows of docs/results.csv. */
export function report(rows: readonly Row[]): string {
  const compared = (claim: string, variants: readonly string[], figures: readonly string[]): string =>
    table(
      ['', ...variants],
      figures.map((figure) => [figure, ...variants.map((v) => cell(valuesOf(rows, claim, v, figure)))]),
    );
  /** to − from, seed by seed; each is a variant and a figure. */
  const paired = (claim: string, from: readonly [string, string], to: readonly [string, string]): number[] => {
    const [before, after] = [valuesBySeed(rows, claim, ...from), valuesBySeed(rows, claim, ...to)];
    return [...after].flatMap(([seed, value]) => (before.has(seed) ? [value - before.get(seed)!] : []));
  };
  const scaled = (epochs: number): number[] => {
    const figure = `PCK@0.2 after ${epochs} epochs`;
    return paired(EPOCHS, ['plain', figure], ['epoch-scaled', figure]);
  };
  const stem = (figure: string): number[] => paired(STEM, ['original', figure], ['reduced', figure]);
  const stage = (from: number, to: number): number[] =>
    paired(STAGES, ['four stages', `PCK@0.05 of stage ${from}`], ['four stages', `PCK@0.05 of stage ${to}`]);
  /** Networks with and without GC decode alike: both count. */
  const beta = (value: number): number[] =>
    ['without GC', 'with GC'].flatMap((variant) => paired(GC, [variant, 'argmax'], [variant, `beta ${value}`]));
  const long = (): number[] => {
    const ends = valuesBySeed(rows, STAGES, 'four stages', 'PCK@0.05 of stage 3');
    const others = valuesBySeed(rows, STAGES, 'one stage as long', FINE);
    return [...ends].flatMap(([seed, value]) => (others.has(seed) ? [value - others.get(seed)!] : []));
  };
  const bySize = ['after 2', 'after 5', 'after 10', 'after 20'];

  return `# The papers' claims at small size

Written by \`npx tsx scripts/results.ts\` from [results.csv](results.csv); run it again for more seeds.

${TRAINING_PEOPLE} synthetic people for training and ${HELD_OUT_PEOPLE} others for evaluation, crops of ${INPUT}×${INPUT}, batches of ${BATCH} (${TRAINING_PEOPLE / BATCH} steps per epoch), the wasm
engine. The networks are small versions of the papers' (\`scripts/results/networks.ts\`), so the results show whether an effect exists at this size, but
not how large it is on COCO, MPII or LSP. Cells contain mean ± standard deviation over seeds, with the number of seeds in parentheses. Differences are paired by
seed and given as mean ± standard error; they count if there are at least three seeds and they exceed twice that error. PCK is relative to the longer side of the
person's box; at 0.05 it resolves differences of less than two cells. COCO's AP is near 0 at this size.

## Paper 000: targets scaled by the epoch

Residual blocks, three transposed convolutions, heatmaps of 64×64 with σ = 2, 20 epochs as in the paper. \`peak\` is the mean predicted peak as a fraction
of the target's: near 0, the network predicts empty heatmaps. The guard against collapsed heatmaps checked every 20 steps from step 40, 18 times in total.

${compared(EPOCHS, ['plain', 'epoch-scaled'], [...bySize.flatMap((a) => [`PCK@0.2 ${a} epochs`, `peak ${a} epochs`]), 'guard: checks that report a collapse'])}

${verdict(scaled(2), 'Networks with epoch-scaled targets learn while those with plain targets still predict flat maps (PCK@0.2 after 2 epochs)')}

${verdict(scaled(20), 'They are also better at the end (PCK@0.2 after 20 epochs)')}

At this size the collapse ends by itself after 2 to 5 epochs, and plain targets then give better results. In the paper (frozen backbone, 256×256) it did not end.

## Paper 001: the reduced stem

One hourglass, RMSprop at 2.5e-4, heatmaps of 16×16; the paper compares training losses after five epochs.

${compared(STEM, ['original', 'reduced'], ['weights', 'loss after 5 epochs', 'loss after 10 epochs', 'loss after 20 epochs', 'PCK@0.2 after 20 epochs'])}

${verdict(
  stem('loss after 5 epochs').map((d) => -d),
  'The reduced stem does not increase the training loss (reduction of the loss after 5 epochs)',
  { notWorse: true },
)}

${verdict(stem('PCK@0.2 after 20 epochs'), 'It is not worse on held-out people (PCK@0.2 after 20 epochs)', { notWorse: true })}

## Paper 003, Table 3: Global Context

The small LPN with the recipe of LPN-50 at a tenth of its epochs, first stage only: 15 epochs, with lower learning rates from epochs 9 and 12.

${compared(GC, ['without GC', 'with GC'], [FINE, 'PCK@0.2 of stage 0'])}

${verdict(paired(GC, ['without GC', FINE], ['with GC', FINE]), 'GC improves the small network (PCK@0.05)')}

## Paper 003, Table 4: the iterative strategy

The same recipe, four of its seven stages. The best epoch of each stage is chosen by PCK@0.05 on the people that it is also
evaluated on. Stages after the first start at epoch 6 of 15.

${compared(
  STAGES,
  ['four stages'],
  [0, 1, 2, 3].flatMap((n) => [`PCK@0.05 of stage ${n}`, `PCK@0.2 of stage ${n}`]),
)}

${verdict(stage(0, 1), 'Stage 1 is better than stage 0 (PCK@0.05)')}

${verdict(stage(1, 2), 'Stage 2 is better than stage 1')}

${verdict(stage(2, 3), 'Stage 3 is better than stage 2')}

Each stage adds epochs of training. As a control, which the paper does not have, one stage was trained for the same total number of
epochs, with lower learning rates from 60 and 80 % of them. It reaches PCK@0.05 ${cell(valuesOf(rows, STAGES, 'one stage as long', FINE))}; the difference of the four stages to it is ${judge(long()).text}. ${
    {
      above: 'The restarts help beyond the additional epochs.',
      below: 'At this size the improvement is due to the additional epochs, and the restarts reduce it.',
      neither: 'At this size the restarts do not help beyond the additional epochs.',
      open: '',
    }[judge(long()).side]
  }

## Paper 003, Table 5: β of the soft-argmax

PCK@0.05 at the end of the first stage. The same networks are decoded with each β, on maps of 32×32 without flip test.

${table(
  ['', 'without GC', 'with GC', 'difference from argmax, both'],
  [
    ['argmax', ...['without GC', 'with GC'].map((v) => cell(valuesOf(rows, GC, v, 'argmax'))), ''],
    ...BETAS.map((b) => [
      `β = ${b}`,
      ...['without GC', 'with GC'].map((v) => cell(valuesOf(rows, GC, v, `beta ${b}`))),
      judge(beta(b)).text.replace(/,.*/, ''),
    ]),
  ],
)}

${verdict(
  beta(20).map((d) => -d),
  'A small β is worse than argmax (argmax minus β = 20)',
  { unit: 'networks' },
)}

${verdict(
  beta(40).map((d) => -d),
  'β = 40 is also worse (argmax minus β = 40)',
  { unit: 'networks' },
)}

${verdict(beta(120), 'β = 120 is better than argmax', { unit: 'networks' })}

${verdict(beta(160), 'β = 160 is better than argmax', { unit: 'networks' })}

${verdict(beta(200), 'β = 200 is better than argmax', { unit: 'networks' })}

The curve has the shape of the paper's, but its best β is smaller. A possible reason is that a map of 32×32 has a third of the cells of 64×48.
`;
}
