import { onView, type DrawingContext } from './canvas';
import { colorMap, type ColorMap } from './colors';
import { givenRange, rangeOf, type HeatmapStack } from './heatmap';
import type { PoseBox } from './pose';

/** Options of {@link drawHeatmap}. */
export interface DrawHeatmapOptions {
  /** Index of the map; `'all'` shows the maximum over all maps at each cell. @defaultValue `'all'` */
  readonly keypoint?: number | 'all';
  /** Position of the map, `[x, y, width, height]` in pixels of the image, from edge to edge. @defaultValue the whole image */
  readonly box?: PoseBox;
  /** `[width, height]` of the image, which fills the canvas. Without it, coordinates are those of the context. */
  readonly size?: readonly [width: number, height: number];
  /** Part of the image that fills the canvas. @defaultValue the whole image */
  readonly view?: PoseBox;
  /** Colour map. @defaultValue `'magma'` */
  readonly colors?: ColorMap;
  /** `[low, high]` of the colours. @defaultValue from 0 (or the lowest value below) to the highest value */
  readonly scale?: readonly [low: number, high: number];
  /** Opacity of the highest values; low values are transparent. @defaultValue 0.85 */
  readonly opacity?: number;
}

/**
 * Draws a heatmap over a picture on a canvas, transparent where it is low.
 *
 * @param stack heatmaps of one person, `[H, W, K]`.
 * @throws RangeError when the data does not match the shape, the keypoint does not exist, or a scale is empty.
 * @example
 * drawHeatmap(context, { data, shape: [64, 48, 17] }, { keypoint: 9, box: region, size: [image.width, image.height] });
 */
export function drawHeatmap(context: DrawingContext, stack: HeatmapStack, options: DrawHeatmapOptions = {}): void {
  const { keypoint = 'all', size, colors = 'magma', opacity = 0.85 } = options;
  const view = options.view ?? (size && ([0, 0, ...size] as const));
  const [height, width] = stack.shape;
  const map = layer(stack, keypoint);
  const found = rangeOf([map]);
  const { low, high } = options.scale ? givenRange(options.scale) : { low: Math.min(0, found.low), high: found.high };
  const palette = colorMap(colors, 256);
  const image = context.createImageData(width, height);
  map.forEach((value, i) => {
    const share = Number.isFinite(value) && high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
    const [red, green, blue] = palette[Math.round(255 * share)]!;
    image.data.set([red, green, blue, 255 * opacity * Math.min(1, 2.2 * share)], 4 * i);
  });
  const cells = smallCanvas(context.canvas, width, height);
  cells.getContext('2d')!.putImageData(image, 0, 0);
  const [x, y, w, h] = options.box ?? view ?? [0, 0, context.canvas.width, context.canvas.height];
  onView('drawHeatmap', context, view, () => {
    context.imageSmoothingEnabled = true;
    context.drawImage(cells, x, y, w, h);
  });
}

/** One map, or the maximum over all maps at each cell. */
function layer({ data, shape }: HeatmapStack, keypoint: number | 'all'): Float64Array {
  const [height, width, count] = shape;
  if (data.length !== height * width * count) {
    throw new RangeError(
      `drawHeatmap: data must fill the shape [height, width, keypoints]. Received: ${data.length} values for [${shape.join(', ')}].`,
    );
  }
  if (keypoint !== 'all' && !(Number.isInteger(keypoint) && keypoint >= 0 && keypoint < count)) {
    throw new RangeError(`drawHeatmap: keypoint must be 'all' or 0 to ${count - 1}. Received: ${keypoint}.`);
  }
  return Float64Array.from({ length: height * width }, (_, i) => {
    if (keypoint !== 'all') return data[i * count + keypoint]!;
    let highest = -Infinity;
    for (let k = 0; k < count; k++) if (data[i * count + k]! > highest) highest = data[i * count + k]!;
    return highest;
  });
}

/** A canvas of the same kind as the given one. */
function smallCanvas(like: unknown, width: number, height: number): HTMLCanvasElement {
  const { ownerDocument, constructor } = like as {
    ownerDocument?: Document;
    constructor: new (width: number, height: number) => HTMLCanvasElement;
  };
  if (ownerDocument === undefined) return new constructor(width, height);
  return Object.assign(ownerDocument.createElement('canvas'), { width, height });
}
