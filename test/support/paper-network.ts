import type { LayersModel } from '@tensorflow/tfjs-layers';
import { pyranet, stackedHourglass, type NetworkOptions } from 'poseblocks/networks';
import {
  hourglassDesign,
  paperNetwork,
  paperNetworks,
  reducedHourglass,
  type HourglassDesign,
  type PaperNetwork,
  type ReducedHourglass,
} from 'poseblocks/recipes';

/** The same network as another row, at another size or after another training: what is asked here could not differ. */
const SAME_AS: Readonly<Partial<Record<PaperNetwork, PaperNetwork>>> = {
  '000-128x128': '000-base',
  '000-shuffle10': '000-shuffle',
  '003-simplebaseline152-384x288': '003-simplebaseline152-256x192',
  '003-hrnet-w32-384x288': '003-hrnet-w32-256x192',
  '003-hrnet-w48-384x288': '003-hrnet-w48-256x192',
  '003-hourglass8-256x192': '003-hourglass8-256x256',
  '003-cpn50-paper-384x288': '003-cpn50-paper',
  '003-cpn50-384x288': '003-cpn50',
  '003-cpn50-refine-path': '003-cpn50',
  '003-pyranet8-17j-256x256': '003-pyranet8-17j-320x256',
  '003-pyranet8-16j-256x256': '003-pyranet8-16j-320x256',
};

/** Rows that differ from another in where a backbone strides, how deep it is or how many stacks and joints it has, which other suites tell apart. */
const VARIATIONS: readonly PaperNetwork[] = [
  '003-cpn50-v1stride-refine-path',
  '003-cpn101-384x288',
  '003-integral101-v1stride',
  '003-integral101-k2',
  '003-grmi101-v1stride',
  '003-pyranet8-17j-320x256',
  '003-pyranet8-16j-320x256',
  '003-alphapose-default',
];

/** Every network of the papers' tables, once. */
export const DISTINCT_NETWORKS: readonly PaperNetwork[] = paperNetworks().filter(
  (id) => !(id in SAME_AS) && !VARIATIONS.includes(id),
);

const SIZE = 64;

/** The side of the image that a network is tried on. G-RMI wants 8n + 1. */
export const sizeOf = (id: PaperNetwork): number => (id.startsWith('003-grmi') ? SIZE + 1 : SIZE);

/** At 64×64. Hourglasses halve their map three times, not four: the batch normalisations of the coarsest, 2×2, then have four numbers to tell apart. */
export function smallNetwork(id: PaperNetwork, options: NetworkOptions = {}): LayersModel {
  const size = sizeOf(id);
  const small = { inputShape: [size, size, 3], depth: 3, ...options } as const;
  const row = id.slice(4);
  if (id.startsWith('001')) return reducedHourglass(row as ReducedHourglass, small);
  if (id.startsWith('002')) return hourglassDesign(row as HourglassDesign, small);
  if (id === '003-hourglass8-256x256') return stackedHourglass({ stacks: 8, keypoints: 17, ...small });
  if (id === '003-pyranet2-16j') return pyranet({ stacks: 2, keypoints: 16, ...small });
  return paperNetwork(id, { inputShape: small.inputShape, ...options });
}
