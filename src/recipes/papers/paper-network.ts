import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type NetworkOptions, requireVariant } from '../../networks';
import { COCO_COMPARISON, cocoComparison, type CocoComparison } from './coco-comparison';
import { HOURGLASS_DESIGNS, hourglassDesign, type HourglassDesign } from './hourglass-designs';
import { LSP_BASELINES, lspBaseline, type LspBaseline } from './lsp-baselines';
import { QUOTED_NETWORKS, quotedNetwork, type QuotedNetwork } from './quoted-networks';
import { REDUCED_HOURGLASS, reducedHourglass, type ReducedHourglass } from './reduced-hourglass';

/** A network of one of the four papers, or one that paper 003 compares with: the paper's number and its row. */
export type PaperNetwork =
  | `000-${LspBaseline}`
  | `001-${ReducedHourglass}`
  | `002-${HourglassDesign}`
  | `003-${CocoComparison}`
  | `003-${QuotedNetwork}`;

/**
 * Every network of the four papers, and those that paper 003 compares with.
 *
 * @example for (const id of paperNetworks()) console.log(id); // 000-base, 000-kernelsize3, …
 */
export function paperNetworks(): readonly PaperNetwork[] {
  return [
    ...(Object.keys(LSP_BASELINES) as LspBaseline[]).map((row) => `000-${row}` as const),
    ...(Object.keys(REDUCED_HOURGLASS) as ReducedHourglass[]).map((row) => `001-${row}` as const),
    ...(Object.keys(HOURGLASS_DESIGNS) as HourglassDesign[]).map((row) => `002-${row}` as const),
    ...(Object.keys(COCO_COMPARISON) as CocoComparison[]).map((row) => `003-${row}` as const),
    ...(Object.keys(QUOTED_NETWORKS) as QuotedNetwork[]).map((row) => `003-${row}` as const),
  ];
}

/**
 * A network of the four papers by paper and row; `options` override its input shape, keypoints and initial weights.
 *
 * @throws RangeError for an unknown network.
 * @example const network = paperNetwork('002-dwsep_all3', { initialization: 'none' });
 */
export function paperNetwork(network: PaperNetwork, options: NetworkOptions = {}): LayersModel {
  requireVariant('paperNetwork', network, Object.fromEntries(paperNetworks().map((id) => [id, id])), 'network');
  const row = network.slice(4);
  if (network.startsWith('000')) return lspBaseline(row as LspBaseline, options);
  if (network.startsWith('001')) return reducedHourglass(row as ReducedHourglass, options);
  if (network.startsWith('002')) return hourglassDesign(row as HourglassDesign, options);
  if (row in QUOTED_NETWORKS) return quotedNetwork(row as QuotedNetwork, options);
  return cocoComparison(row as CocoComparison, options);
}
