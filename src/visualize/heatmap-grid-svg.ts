import { knownOptions } from '../bytes';
import { colorMap, type ColorMap, type Rgb } from './colors';
import { givenRange, indices, peakOf, rangeOf, split, STEPS, type HeatmapStack, type Range } from './heatmap';
import { indexedDataUrl } from './png';
import { element, INK, root, text, textWidth } from './svg';

/** Options of {@link heatmapGridSvg}. */
export interface HeatmapGridOptions {
  /** One name per map. */
  readonly names?: readonly string[];
  /** URL or `data:` URL of the crop; the maps are then drawn over it, transparent where they are low. */
  readonly image?: string;
  /** Colour range: `'shared'`: one for all maps; `'each'`: every map from its minimum to its maximum; or `[low, high]`. @defaultValue `'shared'` */
  readonly scale?: 'shared' | 'each' | readonly [low: number, high: number];
  /** Colour map. @defaultValue `'magma'` */
  readonly colors?: ColorMap;
  /** Maps per row. @defaultValue for an aspect ratio near 16 : 9 */
  readonly columns?: number;
  /** Width of one map in pixels. @defaultValue 120 */
  readonly cellWidth?: number;
  /** Draws a ring around each map's maximum. @defaultValue true */
  readonly peaks?: boolean;
  /** Description for screen readers. */
  readonly title?: string;
}

const GAP = 10;
const NAME_HEIGHT = 16;
const NOT_A_NUMBER: Rgb = [90, 160, 255];

/**
 * Heatmaps side by side as SVG: each is a small palette PNG with its name and maximum; a colour bar shows the shared range.
 * Values that are not finite are light blue, and counted below the map's name.
 *
 * @throws RangeError when the data does not match the shape, or a scale is empty.
 * @example
 * const svg = heatmapGridSvg({ data: await heatmaps.data(), shape: [64, 48, 17] }, { names: COCO.names });
 */
export function heatmapGridSvg(stack: HeatmapStack, options: HeatmapGridOptions = {}): string {
  knownOptions('heatmapGridSvg', options, [
    'names',
    'image',
    'scale',
    'colors',
    'columns',
    'cellWidth',
    'peaks',
    'title',
  ]);
  const maps = split(stack);
  const [height, width, count] = stack.shape;
  const { names = [], image, scale = 'shared', colors = 'magma', cellWidth = 120, peaks = true } = options;
  const cellHeight = (cellWidth * height) / width;
  const pitch = [cellWidth + GAP, cellHeight + NAME_HEIGHT + GAP] as const;
  const columns =
    options.columns ?? Math.max(1, Math.min(count, Math.round(Math.sqrt((count * pitch[1] * 1.78) / pitch[0]))));
  if (!(Number.isInteger(columns) && columns > 0 && cellWidth > 0 && cellWidth < Infinity)) {
    throw new RangeError(`heatmapGridSvg: columns and cellWidth must be positive. Received: ${columns}, ${cellWidth}.`);
  }
  if (options.names !== undefined && names.length !== count) {
    throw new RangeError(`heatmapGridSvg: names must hold one name per map. Received: ${names.length} for ${count}.`);
  }

  const shared = typeof scale === 'string' ? rangeOf(scale === 'shared' ? maps : []) : givenRange(scale);
  const palette = [...colorMap(colors, STEPS), NOT_A_NUMBER];
  const opacity = Uint8Array.from(palette, (_, i) =>
    i === STEPS ? 255 : Math.round(235 * Math.min(1, (2.2 * i) / STEPS)),
  );
  const crop = image === undefined ? undefined : `crop-${hash(image)}`;
  const cells = maps.map((map, k) => {
    const range = scale === 'each' ? rangeOf([map]) : shared;
    const x = GAP + (k % columns) * pitch[0];
    const y = GAP + Math.floor(k / columns) * pitch[1] + NAME_HEIGHT;
    const box = { x, y, width: cellWidth, height: cellHeight };
    const href = indexedDataUrl(
      indices(map, range),
      [width, height],
      palette,
      image === undefined ? undefined : opacity,
    );
    // Over a photograph the map is smoothed; without one its cells are visible.
    const rendering = image === undefined ? 'image-rendering:pixelated' : undefined;
    return [
      ...caption(names[k] ?? `${k}`, map, x, y, cellWidth),
      ...(crop === undefined ? [] : [element('use', { href: `#${crop}`, x, y })]),
      element('image', { ...box, href, preserveAspectRatio: 'none', style: rendering }),
      ...(peaks ? peakRing(map, width, x, y, cellWidth / width) : []),
    ].join('');
  });

  const bar = scale === 'each' ? 0 : 28 + Math.max(...barLabels(shared).map((label) => textWidth(label, 10)));
  const size = [GAP + columns * pitch[0] + bar, GAP + Math.ceil(count / columns) * pitch[1]] as const;
  const definition =
    image === undefined || crop === undefined
      ? []
      : [
          element(
            'defs',
            {},
            element('image', {
              id: crop,
              href: image,
              width: cellWidth,
              height: cellHeight,
              preserveAspectRatio: 'none',
            }),
          ),
        ];
  const legend =
    scale === 'each'
      ? []
      : [colorBar(shared, palette, size[0] - bar + 4, GAP + NAME_HEIGHT, size[1] - 2 * GAP - NAME_HEIGHT)];
  return root(size, { title: options.title }, ...definition, ...cells, ...legend);
}

function peakRing(map: Float64Array, width: number, x: number, y: number, cell: number): string[] {
  const peak = peakOf(map);
  if (peak < 0) return [];
  const at = {
    cx: x + ((peak % width) + 0.5) * cell,
    cy: y + (Math.floor(peak / width) + 0.5) * cell,
    r: 5,
    fill: 'none',
  };
  return [
    element('circle', { ...at, stroke: '#000', 'stroke-width': 2.6, 'stroke-opacity': 0.5 }),
    element('circle', { ...at, stroke: '#fff', 'stroke-width': 1.2 }),
  ];
}

function caption(name: string, map: Float64Array, x: number, y: number, width: number): string[] {
  const peak = peakOf(map);
  const bad = map.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  const note = bad > 0 ? `${bad} not finite` : short(map[peak]!);
  const words = name.replaceAll('_', ' ');
  const fitting = (room: number): number => Math.min(11, room / textWidth(words, 1));
  const beside = fitting(width - textWidth(note, 9) - 6);
  // In narrow cells the name has priority; a note about values that are not finite is always shown.
  const alone = beside < 8 && bad === 0;
  const label = text(words, { x, y: y - 4, 'font-size': alone ? fitting(width) : beside, fill: INK });
  if (alone) return [label];
  return [label, text(note, { x: x + width, y: y - 4, 'font-size': 9, fill: INK, 'text-anchor': 'end' })];
}

function colorBar({ low, high }: Range, palette: readonly Rgb[], x: number, y: number, height: number): string {
  const href = indexedDataUrl(
    Uint8Array.from({ length: STEPS }, (_, i) => STEPS - 1 - i),
    [1, STEPS],
    palette,
  );
  const labels = barLabels({ low, high }).map((label, i) =>
    text(label, { x: x + 16, y: y + (i / 2) * height + 8 - 4 * i, 'font-size': 10, fill: INK }),
  );
  return element('image', { href, x, y, width: 11, height, preserveAspectRatio: 'none' }) + labels.join('');
}

/** Top, middle and bottom. */
function barLabels({ low, high }: Range): string[] {
  return [high, (low + high) / 2, low].map(short);
}

/** Three significant digits, without an exponent where that is short. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 0.001 || size >= 10000) ? rounded.toExponential() : `${rounded}`;
}

/** FNV-1a. The same crop gets the same id, so several SVGs can be on one page. */
function hash(content: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) value = Math.imul(value ^ content.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}
