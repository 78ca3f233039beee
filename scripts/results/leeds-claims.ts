import { fileURLToPath } from 'node:url';
import { curvesSvg, type Series } from 'poseblocks/visualize';
import { judge, table, verdict } from './report';
import { mean, readCsv } from './runs';

type Line = ReturnType<typeof readCsv>[number];

const linesOf = (path: string): Line[] => readCsv(fileURLToPath(new URL(`../../${path}`, import.meta.url)));

/** docs/leeds-rows.csv at one size, with the backbone of our own; `128x128` is `base` again, `shuffle10` the first half of `shuffle`. */
const rowLines = (): Line[] =>
  linesOf('docs/leeds-rows.csv').filter(({ row, side, weights }) => row !== '128x128' && row !== 'shuffle10' && side === '128' && weights !== 'from scratch'); // prettier-ignore

const EPOCHS = [1, 2, 3, 5, 10, 15, 20];
const TARGETS = ['scaled', 'plain'] as const;

/** Values at an epoch by row and seed. */
function valuesAt(lines: readonly Line[], targets: string, epoch: number, figure: string): Map<string, number> {
  const found = lines.filter((line) => line['targets'] === targets && line['epoch'] === String(epoch));
  return new Map(found.map((line) => [`${line['row']} ${line['seed']}`, Number(line[figure])]));
}

/** to − from of what both have. */
const differences = (from: ReadonlyMap<string, number>, to: ReadonlyMap<string, number>): number[] =>
  [...to].flatMap(([key, value]) => (from.has(key) ? [value - from.get(key)!] : []));

/** What paper 000 claims, on its own data. */
export function paperClaims(): string[] {
  const lines = rowLines();
  const both = (epoch: number, figure: string): number[] =>
    differences(valuesAt(lines, 'plain', epoch, figure), valuesAt(lines, 'scaled', epoch, figure));
  const at = (row: string, targets: string): Map<string, number> =>
    new Map(
      [...valuesAt(lines, targets, 20, 'PCK')]
        .filter(([key]) => key.startsWith(`${row} `))
        .map(([key, value]) => [`${targets} ${key.split(' ')[1]}`, value]),
    );
  const between = (from: string, to: string): number[] =>
    TARGETS.flatMap((targets) => differences(at(from, targets), at(to, targets)));
  const unit = { unit: 'networks' };
  const paired = new Set(valuesAt(lines, 'plain', 20, 'PCK').keys());
  const average = (targets: string, epoch: number, figure: string): string => {
    const values = [...valuesAt(lines, targets, epoch, figure)].filter(([key]) => paired.has(key));
    return mean(values.map(([, value]) => value)).toFixed(3);
  };
  const collapsed = (targets: string, epoch: number): number =>
    [...valuesAt(lines, targets, epoch, 'peak')].filter(([key, peak]) => paired.has(key) && peak < 0.1).length;
  const curve = (figure: string, targets: string): string[] => [
    `${figure}, ${targets === 'scaled' ? 'epoch-scaled' : 'plain'} targets`,
    ...EPOCHS.map((epoch) => average(targets, epoch, figure)),
  ];
  return [
    `Mean of the ${paired.size} networks that were trained in both ways, after so many epochs; \`peak\` is the mean predicted peak as a fraction of the target's:`,
    table(['', ...EPOCHS.map(String)], ['PCK', 'peak'].flatMap((figure) => TARGETS.map((targets) => curve(figure, targets)))), // prettier-ignore
    '![PCK after each epoch of three rows, with plain and with epoch-scaled targets](images/lsp-rows.svg)',
    verdict(both(5, 'PCK'), 'Networks with epoch-scaled targets learn earlier (PCK after 5 epochs)', unit),
    verdict(both(20, 'PCK'), 'They are also better at the end (PCK after 20 epochs)', unit),
    verdict(between('freezeall', 'base'), 'Freezing the whole backbone is worse than all but its last stage (`base` minus `freezeall`)', unit), // prettier-ignore
    verdict(between('base', 'finalkernel1'), 'A final kernel of 1 is no worse than one of 3 (`finalkernel1` minus `base`)', { ...unit, notWorse: true }), // prettier-ignore
    `Collapsed (a mean peak under a tenth of the target, where the guard reports it) after 1, 3 and 20 epochs: ${TARGETS.map((targets) => `${targets} ${[1, 3, 20].map((epoch) => `${collapsed(targets, epoch)} of ${paired.size}`).join(', ')}`).join('; ')}. In the paper plain targets collapse and stay so; here they recover.`,
  ];
}

/** The curves of {@link paperClaims}: docs/images/lsp-rows.svg. */
export function rowsFigure(): string {
  const lines = rowLines();
  const shown = [['base', 'base'], ['freezeall', 'all frozen'], ['resnet18', 'ResNet-18']] as const; // prettier-ignore
  const series: Series[] = shown.flatMap(([row, name]) =>
    TARGETS.map((targets) => {
      const own = lines.filter((line) => line['row'] === row && line['targets'] === targets && line['seed'] === '1');
      return { name: `${name}, ${targets}`, x: own.map(({ epoch }) => Number(epoch)), y: own.map(({ PCK }) => Number(PCK)) }; // prettier-ignore
    }),
  );
  return curvesSvg(series, { size: [820, 380], title: 'PCK on LSP-test, paper 000', xLabel: 'epoch' });
}

/** What each part of the training and of the decoding brings to the small network, paired by seed. */
export function ablation(): string[] {
  const lines = linesOf('docs/leeds-ablation.csv');
  if (lines.length === 0) return [];
  const of = (variant: string, { weights = 'mean', flip = '1', decoder = 'dark' } = {}): Map<string, number> =>
    new Map(
      lines
        .filter(
          (line) =>
            line['variant'] === variant &&
            line['weights'] === weights &&
            line['flip'] === flip &&
            line['decoder'] === decoder,
        ) // prettier-ignore
        .map((line) => [line['seed']!, Number(line['PCK@0.2'])]),
    );
  const every = ({ flip = '1', decoder = 'dark' }): Map<string, number> =>
    new Map(
      [...new Set(lines.map(({ variant }) => variant!))].flatMap((variant) =>
        [...of(variant, { flip, decoder })].map(([seed, value]) => [`${variant} ${seed}`, value] as const),
      ),
    );
  const whole = of('reference');
  const trained = [
    ['augmentation (mirroring, rotation, scale, colour, cut-outs)', of('without-augmentation')],
    ['Global Context', of('without-GC')],
    ['exact centres in place of rounded ones', of('rounded-centres')],
    ['EMA of the weights', of('reference', { weights: 'last' })],
  ] as const;
  const all = every({});
  const decoded = [
    ['the flip test', every({ flip: '0' })],
    ...['argmax', 'quarter offset', 'β = 1', 'β = 10', 'β = 20', 'β = 40', 'β = 80', 'β = 120', 'β = 160', 'β = 200'].map((decoder) => [`DARK in place of ${decoder}`, every({ decoder })] as const), // prettier-ignore
  ] as const;
  const line = ([name, without]: readonly [string, ReadonlyMap<string, number>], of: ReadonlyMap<string, number>, unit: string): string[] => [name, judge(differences(without, of), unit).text]; // prettier-ignore
  return [
    `The whole: ${mean([...whole.values()]).toFixed(3)} (${whole.size} seeds).`,
    table(['what it brings', 'difference in PCK@0.2'], trained.map((one) => line(one, whole, 'seeds'))), // prettier-ignore
    'Of decoding, over all networks of this table:',
    table(['what it brings', 'difference in PCK@0.2'], decoded.map((one) => line(one, all, 'networks'))), // prettier-ignore
  ];
}
