import { mean, spread, valuesOf, type Row } from './runs';

const LPN = '003 lightweight pose network';
const EPOCHS = '000 epoch-scaled targets';
const STEM = '001 reduced stem';

/** `0.412 ± 0.020 (3)`: mean, standard deviation over the seeds, and how many those are. */
function cell(values: readonly number[]): string {
  if (values.length === 0) return 'not run';
  const digits = mean(values) !== 0 && Math.abs(mean(values)) < 0.01 ? 5 : 3;
  const deviation = values.length > 1 ? ` ± ${spread(values).toFixed(digits)}` : '';
  return `${mean(values).toFixed(digits)}${deviation} (${values.length})`;
}

function table(rows: readonly Row[], claim: string, variants: readonly string[], figures: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...variants]),
    line(['---', ...variants.map(() => '---')]),
    ...figures.map((figure) => line([figure, ...variants.map((v) => cell(valuesOf(rows, claim, v, figure)))])),
  ].join('\n');
}

/** A claim holds where the paired difference, seed by seed, exceeds its standard error twice; fewer than three seeds decide nothing. */
function verdict(differences: readonly number[], what: string): string {
  if (differences.length === 0) return `**Not run.** ${what}`;
  const m = mean(differences);
  const signed = `${m >= 0 ? '+' : ''}${m.toPrecision(2)}`;
  if (differences.length < 3)
    return `**Undecided** (three seeds needed): ${what}: ${signed}, ${differences.length} so far.`;
  const error = spread(differences) / Math.sqrt(differences.length);
  const word = m > 2 * error ? 'Reproduces' : m < -2 * error ? 'Does not reproduce' : 'Undecided';
  return `**${word}**: ${what}: ${signed}, standard error ${error.toPrecision(2)}, ${differences.length} seeds.`;
}

function paired(
  rows: readonly Row[],
  claim: string,
  a: readonly [string, string],
  b: readonly [string, string],
): number[] {
  const [from, to] = [valuesOf(rows, claim, ...a), valuesOf(rows, claim, ...b)];
  return from.slice(0, to.length).map((value, i) => to[i]! - value);
}

/** docs/results.md from the rows of docs/results.csv. */
export function report(rows: readonly Row[]): string {
  const names = (variant: string, pattern: RegExp): string[] => [
    ...new Set(
      rows.filter((r) => r.variant === variant && r.claim === LPN && pattern.test(r.figure)).map((r) => r.figure),
    ),
  ];
  const gc = (a: string, b: string): number[] => paired(rows, LPN, ['with GC', a], ['with GC', b]);
  const fine = 'PCK@0.05 of stage 0';
  return `# The papers' claims in small

Written by \`npx tsx scripts/results.ts\` from [results.csv](results.csv); run it again to go on with more seeds.

160 synthetic people to train on and 64 others to measure on, crops of 64×64, batches of 16, the wasm engine. Networks are the
papers' in small (\`scripts/results/networks.ts\`) and epochs a fraction of the papers': these figures show whether an effect is
there at this size, and nothing about its size on COCO, MPII or LSP. Cells are mean ± standard deviation over seeds (their
number). PCK is by the longer side of the person's box. "Reproduces" needs three seeds and a paired difference above twice its standard error.

## Paper 000: targets scaled by the epoch

Residual blocks, three transposed convolutions, heatmaps of 64×64 with σ = 2, six epochs. \`peak\` is the mean predicted peak
as a fraction of the target's: near 0, the network has learnt to predict nothing.

${table(rows, EPOCHS, ['plain', 'epoch-scaled'], ['PCK@0.2 after 3 epochs', 'peak after 3 epochs', 'PCK@0.2 after 6 epochs', 'peak after 6 epochs'])}

${verdict(paired(rows, EPOCHS, ['plain', 'PCK@0.2 after 3 epochs'], ['epoch-scaled', 'PCK@0.2 after 3 epochs']), 'epoch-scaled targets learn where plain ones are still flat (PCK@0.2 after 3 epochs)')}

${verdict(paired(rows, EPOCHS, ['plain', 'PCK@0.2 after 6 epochs'], ['epoch-scaled', 'PCK@0.2 after 6 epochs']), 'after 6 epochs')}

## Paper 001: the reduced stem

One hourglass, RMSprop at 2.5e-4; the paper compares training losses after five epochs.

${table(rows, STEM, ['original', 'reduced'], ['weights', 'loss after 5 epochs', 'loss after 10 epochs', 'PCK@0.2 after 10 epochs'])}

${verdict(paired(rows, STEM, ['reduced', 'loss after 5 epochs'], ['original', 'loss after 5 epochs']), 'the reduced stem has the lower loss after five epochs')}

## Paper 003, Table 3: Global Context

${table(rows, LPN, ['without GC', 'with GC'], [fine, 'PCK@0.2 of stage 0'])}

${verdict(paired(rows, LPN, ['without GC', fine], ['with GC', fine]), 'GC helps the small network (PCK@0.05)')}

## Paper 003, Table 4: the iterative strategy

Best of each stage, ten epochs and then six more a stage.

${table(rows, LPN, ['with GC'], names('with GC', /of stage/).sort())}

${verdict(gc(fine, 'PCK@0.05 of stage 1'), 'stage 1 above stage 0 (PCK@0.05)')}

${verdict(gc('PCK@0.05 of stage 1', 'PCK@0.05 of stage 2'), 'stage 2 above stage 1')}

Every stage also trains longer than the one before it: the climb is not shown to be the restart's doing.

## Paper 003, Table 5: β of the soft-argmax

PCK@0.05 at the end of stage 0, the same network decoded in each way.

${table(rows, LPN, ['without GC', 'with GC'], names('with GC', /^(argmax|beta)/))}

${verdict(gc('beta 40', 'argmax'), 'β = 40 is worse than argmax')}

${verdict(gc('argmax', 'beta 160'), 'β = 160 is better than argmax')}
`;
}
