/** `[red, green, blue]`, each 0 … 255. */
export type Rgb = readonly [number, number, number];

/** Colours of series and people: Okabe and Ito's colour-blind safe set (2008), without black, with yellow last because it is faint on white. */
export const PALETTE: readonly string[] = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#999999',
  '#f0e442',
];

/** The palette's colour of an index; the palette repeats. */
export function paletteColor(index: number): string {
  return PALETTE[index % PALETTE.length]!;
}

/** Sequential colour maps with evenly increasing lightness, readable in print and with any colour vision. */
export type ColorMap = 'magma' | 'viridis' | 'gray';

/** Samples of matplotlib's maps (CC0, S. van der Walt and N. Smith) at sixteenths, linear between them: the error is at most 6/255. */
const ANCHORS: Readonly<Record<ColorMap, string>> = {
  magma: '0000040a08221d114636106a50127c691c818226819c2e7fb63779cf4170e65163f5695cfb8761fea571fec387fde0a2fcfdbf',
  viridis: '44015448186a472d7b4240863b528b33638d2c728e26818e21908c1f9f8828ae803ebc745dc96382d34cabdc32d5e21afde725',
  gray: '000000ffffff',
};

/**
 * A colour map sampled at `count` even steps, darkest first.
 *
 * @param name of the colour map
 * @throws RangeError when the map is unknown or `count` is below 2.
 * @example colorMap('magma', 256)[255]; // [252, 253, 191]
 */
export function colorMap(name: ColorMap, count = 256): Rgb[] {
  const hex = Object.hasOwn(ANCHORS, name) ? ANCHORS[name] : undefined;
  if (hex === undefined) {
    throw new RangeError(
      `colorMap: name must be one of ${Object.keys(ANCHORS).join(', ')}. Received: ${String(name)}.`,
    );
  }
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new RangeError(`colorMap: count must be an integer of at least 2. Received: ${count}.`);
  }
  const last = hex.length / 6 - 1;
  const channel = (anchor: number, c: number): number =>
    parseInt(hex.slice(6 * anchor + 2 * c, 6 * anchor + 2 * c + 2), 16);
  return Array.from({ length: count }, (_, i): Rgb => {
    const at = (i / (count - 1)) * last;
    const anchor = Math.min(Math.floor(at), last - 1);
    const mix = (c: number): number =>
      Math.round(channel(anchor, c) + (at - anchor) * (channel(anchor + 1, c) - channel(anchor, c)));
    return [mix(0), mix(1), mix(2)];
  });
}
