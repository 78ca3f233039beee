import type { backend_util } from '@tensorflow/tfjs-core';
import { rounded, spaced } from './blocking';

/** The permitted Winograd variants: tiles of 4 × 4 or 2 × 2 outputs, 2 × 2 only, or none. */
export type WinogradChoice = boolean | '2x2';

/** Outputs along a side of a tile. */
export type WinogradForm = 2 | 4;

/** The choice of `registerWasmGradients`; tests force a variant wherever it is supported. */
export const winograd: { choice: WinogradChoice; forced?: WinogradForm } = { choice: true };

type ConvInfo = backend_util.Conv2DInfo;

/** Sizes of a 3 × 3 convolution with stride 1. */
export interface WinogradSize {
  readonly batch: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** The sizes that determine memory. */
export type Channels = Pick<WinogradSize, 'inChannels' | 'outChannels'>;

/** The sizes of a convolution that the variants support; with `gradient` those of its input gradient. */
export function winogradSize(info: ConvInfo, gradient = false): WinogradSize | undefined {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const isThree = filterHeight === 3 && filterWidth === 3;
  if (!isThree || strideHeight * strideWidth * dilationHeight * dilationWidth !== 1) return undefined;
  const batch = info.batchSize;
  if (!gradient) {
    const { outHeight, outWidth, inChannels, outChannels } = info;
    return { batch, outHeight, outWidth, inChannels, outChannels };
  }
  const { inHeight, inWidth, inChannels, outChannels } = info;
  return { batch, outHeight: inHeight, outWidth: inWidth, inChannels: outChannels, outChannels: inChannels };
}

/** A variant for 3 × 3 filters, or for others of compiled networks: 2 × 2, and 7 × 7 with stride 2, in which channels are those of a cell of 2 × 2 pixels. */
export type TileForm = WinogradForm | 'two' | 'cells';

/** Outputs along a side of a tile, and positions. */
export const tileOf = (form: TileForm): readonly [outputs: number, side: number] =>
  form === 'two' ? [3, 4] : form === 'cells' ? [3, 6] : [form, form + 2];

/** Positions of a tile. */
export const positionsOf = (form: TileForm): number => tileOf(form)[1] ** 2;
export function tilesOf({ batch, outHeight, outWidth }: WinogradSize, form: WinogradForm): number {
  return batch * Math.ceil(outHeight / form) * Math.ceil(outWidth / form);
}

/** Maximum bytes of transformed filters. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Measured costs of steps, in multiplications of the product: transforming a value of a map, loading a value of a constant filter, and transforming
 * one.
 */
const MAP_COST: Readonly<Record<WinogradForm, number>> = { 2: 3, 4: 7 };
const FETCH_COST = 3;
const MAKE_COST = 6;

/** The cheapest variant for a convolution, undefined where none is cheaper; `constant` filters are transformed in advance. */
export function winogradForm(size: WinogradSize | undefined, constant: boolean): WinogradForm | undefined {
  if (size === undefined) return undefined;
  const { batch, outHeight, outWidth, inChannels, outChannels } = size;
  if (inChannels % 4 !== 0 || outChannels % 8 !== 0 || batch * outHeight * outWidth === 0) return undefined;
  const filter = inChannels * outChannels;
  const candidates = formsAllowed().filter((form) => filterFloats(size, form) * 4 <= MOST_BYTES);
  if (winograd.forced) return candidates.find((form) => form === winograd.forced);
  const direct = 9 * batch * outHeight * outWidth * filter;
  const costs = candidates.map((form) => {
    const tiles = tilesOf(size, form);
    const rows = tiles < 4 ? 4 : tiles;
    const perPosition =
      rows * filter +
      MAP_COST[form] * tiles * (inChannels + outChannels) +
      (FETCH_COST + (constant ? 0 : MAKE_COST)) * filter;
    return { form, cost: positionsOf(form) * perPosition };
  });
  const best = costs.sort((a, b) => a.cost - b.cost)[0];
  return best && best.cost < direct ? best.form : undefined;
}

/** Whether tiles of 4 × 4 make a filter gradient cheaper. */
export function winogradGradient(size: WinogradSize | undefined): boolean {
  if (size === undefined || !formsAllowed().includes(4)) return false;
  const { batch, outHeight, outWidth, inChannels, outChannels } = size;
  const filter = inChannels * outChannels;
  if (inChannels % 4 !== 0 || outChannels % 8 !== 0 || 4 * filterFloats(size, 4) > MOST_BYTES) return false;
  if (winograd.forced) return winograd.forced === 4;
  const tiles = tilesOf(size, 4);
  const blocks = Math.ceil(tiles / gradientBlock(size));
  const perPosition = tiles * filter + MAP_COST[4] * tiles * (inChannels + outChannels) + (10 + 3 * blocks) * filter;
  return 36 * perPosition < 9 * batch * outHeight * outWidth * filter;
}

function formsAllowed(): WinogradForm[] {
  if (winograd.choice === false) return [];
  return winograd.choice === '2x2' ? [2] : [4, 2];
}

/** The sizes that determine the memory of a variant, of maps of so many channels. */
export function tileChannels(inChannels: number, outChannels: number, form: TileForm): Channels {
  return { inChannels: form === 'cells' ? 4 * inChannels : inChannels, outChannels };
}

/** Bytes of transformed maps processed at a time, chosen for the L2 cache. */
const BLOCK_BYTES = 448 * 1024;

const floats = (count: number): number => 4 * count;

/** Number of tiles processed at a time: whole tiles of the product. */
export function winogradBlock({ inChannels, outChannels }: Channels, form: TileForm): number {
  const each = floats(positionsOf(form) * (inChannels + outChannels));
  return Math.max(6, 6 * Math.floor(BLOCK_BYTES / each / 6));
}

/** As `winogradBlock`, for the filter gradient, in which every block covers all sums. */
export function gradientBlock(size: Channels): number {
  return Math.max(24, winogradBlock(size, 4));
}

/** Scratch bytes named SPARE in `assembly/winograd-transforms.ts`. */
export const SPARE_BYTES = 832;
const positionBytes = (block: number, channels: number): number => spaced((block + 2) * channels);

/** Number of floats of the filters in a variant. */
export function filterFloats({ inChannels, outChannels }: Channels, form: TileForm): number {
  return positionsOf(form) * (inChannels * outChannels + 16);
}

/** Scratch bytes of `winogradFilter`. */
export function filterScratch({ inChannels, outChannels }: Channels, parts: number): number {
  return rounded(parts * SPARE_BYTES + 9 * spaced(inChannels * outChannels));
}

/** Scratch bytes of each part of `winogradConvolution`. */
export function winogradScratch(size: Channels, form: TileForm): number {
  const { inChannels, outChannels } = size;
  const block = winogradBlock(size, form);
  const maps = positionBytes(block, inChannels) + positionBytes(block, outChannels);
  return rounded(SPARE_BYTES + floats(outChannels) + positionsOf(form) * (floats(inChannels) + maps));
}

/** Scratch bytes of each part of `winogradFilterGradient`, which has a share of the channels in. */
export function gradientScratch(size: Channels, parts: number): number {
  const inChannels = 4 * Math.ceil(size.inChannels / 4 / parts);
  const { outChannels } = size;
  const block = gradientBlock(size);
  const maps = positionBytes(block, inChannels) + positionBytes(block, outChannels);
  const border = floats(36 * inChannels + 16 * outChannels);
  return rounded(SPARE_BYTES + border + 36 * maps + floats(filterFloats({ inChannels, outChannels }, 4)));
}
