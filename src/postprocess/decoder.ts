/** Heatmaps of one person as plain memory: `heatmaps[(y·W + x)·K + k]`, channels last, `shape` = [H, W, K]. */
export interface HeatmapArray {
  readonly heatmaps: Float32Array;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/** K coordinates in heatmap cells, `[x₀, y₀, x₁, y₁, …]`, cell 0's middle being 0, and the confidence of each. */
export interface Cells {
  readonly xy: Float32Array;
  readonly score: Float32Array;
}

/** How a decoder is written in JSON. */
export type DecoderJSON =
  | { readonly decoder: 'argmax' | 'quarter-offset' }
  | { readonly decoder: 'dark' | 'dark-udp'; readonly kernelSize: number }
  | {
      readonly decoder: 'second-maximum';
      readonly kernelSize: number;
      readonly padding: number;
      readonly shift: number;
      readonly peak: number;
    }
  | {
      readonly decoder: 'soft-argmax';
      readonly beta: number;
      readonly radius: number | null;
      readonly quarterOffset: boolean;
    };

/** The targets that a decoder's error refers to: Gaussians of `sigma` cells and peak `amplitude` on a [W, H] map. */
export interface GaussianModel {
  readonly sigma: number;
  readonly amplitude: number;
  /** `[width, height]` in cells. */
  readonly size: readonly [width: number, height: number];
  /** Whether a Gaussian's centre is where the keypoint is, or on the cell nearest to it. */
  readonly center: 'rounded' | 'exact';
  /** How far the image reaches beyond the middle of the last cell, in cells: ¾ at stride 4 when edges are aligned. */
  readonly overhang: number;
}

/** Worst error per axis in cells, the rounding of centres included. */
export interface DecoderError {
  /** At least `margin` cells away from the middles of the first and last cells. */
  readonly interior: number;
  readonly margin: number;
  /** Anywhere on the image. */
  readonly border: number;
}

/**
 * From heatmaps to coordinates. A plain function: call it yourself, give it to a codec as `refine`, or write your own.
 *
 * A map without a positive value decodes to cell (0, 0) with its maximum as score, as in the reference; NaN cells are
 * ignored, and a map of nothing but NaN scores 0.
 *
 * @example
 * const { xy, score } = quarterOffset({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export interface Decoder {
  (maps: HeatmapArray): Cells;
  /** What `precision` of a codec rests on. Without it a codec assumes half a cell. */
  readonly error?: (model: GaussianModel) => DecoderError;
  /** The same rule as compiled graphs and ONNX files compute it. Without it, their heatmaps are decoded on arrays. */
  readonly inGraph?: { readonly beta: number | null; readonly quarterOffset: boolean };
  /** What a codec writes when it is saved. Without it a codec cannot be. */
  readonly toJSON?: () => DecoderJSON;
}

/**
 * @internal Where the Gaussian of a keypoint may lie, counted from either end of the map: halves are rounded up, which is towards the near end's middle and
 * away from the far one's.
 */
export function centersOf(position: number, center: GaussianModel['center']): readonly number[] {
  return center === 'exact' ? [position] : [Math.floor(position + 0.5), Math.ceil(position - 0.5)];
}

/**
 * @internal The boundary check of every decoder.
 * @throws RangeError when memory and shape disagree.
 */
export function assertMaps(where: string, { heatmaps, shape }: HeatmapArray): void {
  const [height, width, keypoints] = shape;
  if (!(heatmaps.length > 0) || heatmaps.length !== height * width * keypoints) {
    throw new RangeError(
      `${where}: heatmaps must hold height × width × keypoints numbers. Received: ${heatmaps.length} for [${shape}].`,
    );
  }
}
