import type { LayersModel } from '@tensorflow/tfjs-layers';
import { activationMemory } from './activation-memory';
import { countMacsOfPaper, macsOf, paramsOf, statisticsOf } from './counts';
import { fixedShape, walk, type LayerNode } from '../../graph';

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** Number of path parts of a layer's name that form a row. @defaultValue 1 */
  depth?: number;
}

const integer = (value: number): string => value.toLocaleString('en-US');
const shape = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;
const outputShape = ({ name, outputShapes }: LayerNode): string => shape(fixedShape(name, outputShapes[0]!));
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Adjacent layers with the same path prefix. */
function parts(nodes: readonly LayerNode[], depth: number): [name: string, nodes: LayerNode[]][] {
  const groups = new Map<string, LayerNode[]>();
  for (const node of nodes) {
    if (node.kind === 'InputLayer') continue;
    const key = node.name.split('.').slice(0, depth).join('.');
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  // Activations and sums at the root are omitted.
  return [...groups].filter(([, group]) => group.some((node) => node.weights.length > 0));
}

/** Rows of cells, the first column aligned left, the others right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd(),
  );
}

/**
 * A summary table of a network: its parts with output shape, parameters and multiply–adds, and the totals.
 *
 * @throws RangeError when the input shape is not fixed.
 * @example console.log(summary(lpn('lpn-50')))
 */
export function summary(network: LayersModel, { depth = 1 }: SummaryOptions = {}): string {
  const { nodes } = walk(network);
  const sum = (group: readonly LayerNode[], of: (node: LayerNode) => number): number =>
    group.reduce((total, node) => total + of(node), 0);
  const params = sum(nodes, (node) => paramsOf(node));
  const trainable = sum(nodes, (node) => paramsOf(node, true));
  const statistics = sum(nodes, statisticsOf);
  const macs = sum(nodes, macsOf);
  const memory = activationMemory(network);
  const share = (part: number): string => `${((100 * part) / Math.max(macs, 1)).toFixed(1)} %`;

  const rows = parts(nodes, depth).map(([name, group]) => {
    const own = sum(group, macsOf);
    return [name, outputShape(group.at(-1)!), integer(sum(group, (node) => paramsOf(node))), integer(own), share(own)];
  });
  const table = aligned([['part', 'output', 'parameters', 'multiply–adds', ''], ...rows]);
  const rule = '─'.repeat(Math.max(...table.map((line) => line.length)));
  const from = nodes.filter(({ kind }) => kind === 'InputLayer').map(outputShape);
  const to = network.outputs.map((output) => shape(output.shape.slice(1) as number[]));
  const totals: [string, string][] = [
    ['parameters', `${integer(params)}${trainable === params ? '' : `, of which ${integer(trainable)} train`}`],
    ['running statistics', integer(statistics)],
    [
      'multiply–adds',
      `${integer(macs)} (${(countMacsOfPaper(network) / 2 ** 30).toFixed(3)} G as papers count, ÷ 2³⁰)`,
    ],
    ['activations', `${mebibytes(memory.inference)} at most, ${mebibytes(memory.training)} in training, per sample`],
  ];
  const width = Math.max(...totals.map(([label]) => label.length));
  return [
    `${network.name}: ${from.join(', ')} → ${to.join(', ')}`,
    '',
    ...table.slice(0, 1),
    rule,
    ...table.slice(1),
    rule,
    ...totals.map(([label, value]) => `${label.padEnd(width)}   ${value}`),
  ].join('\n');
}
