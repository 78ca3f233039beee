import type { backend_util } from '@tensorflow/tfjs-core';

/** Which of Winograd's forms may be taken: by tiles of 4 × 4 outputs or 2 × 2, by 2 × 2 alone, or none. */
export type WinogradChoice = boolean | '2x2';

/** Outputs along a side of a tile. */
export type WinogradForm = 2 | 4;

/** What the forms may be, as `registerWasmGradients` sets it; tests force one on whatever can have it. */
export const winograd: { choice: WinogradChoice; forced?: WinogradForm } = { choice: true };

type ConvInfo = backend_util.Conv2DInfo;

/** Sizes of a convolution by 3 × 3 at stride 1. */
export interface WinogradSize {
  readonly batch: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** What the sizes of memory hang on. */
export type Channels = Pick<WinogradSize, 'inChannels' | 'outChannels'>;

/** The sizes, where a convolution is one that the forms cover; `gradient` for those of its input gradient. */
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

const sideOf = (form: WinogradForm): number => (form + 2) ** 2;
const tilesOf = ({ batch, outHeight, outWidth }: WinogradSize, form: WinogradForm): number =>
  batch * Math.ceil(outHeight / form) * Math.ceil(outWidth / form);

/** The most bytes of transformed filters. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * What steps cost, in multiplications of the product, measured: to transform a value of a map, to fetch one of a constant filter, and to make
 * one.
 */
const MAP_COST: Readonly<Record<WinogradForm, number>> = { 2: 3, 4: 7 };
const FETCH_COST = 3;
const MAKE_COST = 6;

/** The cheapest form for a convolution, undefined where that is none; `constant` filters are transformed beforehand. */
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
    return { form, cost: sideOf(form) * perPosition };
  });
  const best = costs.sort((a, b) => a.cost - b.cost)[0];
  return best && best.cost < direct ? best.form : undefined;
}

/** Whether a filter gradient is cheaper by tiles of 4 × 4. */
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

/** Bytes of transformed maps worked on at a time, for the second-level cache. */
const BLOCK_BYTES = 384 * 1024;

const floats = (count: number): number => 4 * count;
const rounded = (bytes: number): number => 64 * Math.ceil(bytes / 64);

/** Tiles worked on at a time, whole tiles of the product. */
export function winogradBlock({ inChannels, outChannels }: Channels, form: WinogradForm): number {
  const each = floats(sideOf(form) * (inChannels + outChannels));
  return Math.max(6, 6 * Math.floor(BLOCK_BYTES / each / 6));
}

/** As `winogradBlock` for the filter gradient, whose every block goes over all the sums. */
export function gradientBlock(size: Channels): number {
  return Math.max(24, winogradBlock(size, 4));
}

/** Bytes of scratch that `assembly/winograd-transforms.ts` calls SPARE. */
const SPARE_BYTES = 832;
const positionBytes = (block: number, channels: number): number => floats((block + 2) * channels) + 64;

/** Floats of the filters in a form. */
export function filterFloats({ inChannels, outChannels }: Channels, form: WinogradForm): number {
  return sideOf(form) * (inChannels * outChannels + 16);
}

/** Scratch of `winogradFilter`. */
export function filterScratch({ inChannels, outChannels }: Channels, parts: number): number {
  return rounded(parts * SPARE_BYTES + 9 * (floats(inChannels * outChannels) + 64));
}

/** Scratch of each part of `winogradConvolution`. */
export function winogradScratch(size: Channels, form: WinogradForm): number {
  const { inChannels, outChannels } = size;
  const block = winogradBlock(size, form);
  const maps = positionBytes(block, inChannels) + positionBytes(block, outChannels);
  return rounded(SPARE_BYTES + floats(outChannels) + sideOf(form) * (floats(inChannels) + maps));
}

/** Scratch of each part of `winogradFilterGradient`. */
export function gradientScratch(size: Channels): number {
  const { inChannels, outChannels } = size;
  const block = gradientBlock(size);
  const maps = positionBytes(block, inChannels) + positionBytes(block, outChannels);
  const border = floats(36 * inChannels + 16 * outChannels);
  return rounded(SPARE_BYTES + border + 36 * maps + floats(filterFloats(size, 4)));
}
