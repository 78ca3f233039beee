/** Heatmaps of one person as a plain array: `heatmaps[(y·W + x)·K + k]`, channels last, `shape` = [H, W, K]. */
export interface HeatmapArray {
  readonly heatmaps: Float32Array;
  readonly shape: readonly [height: number, width: number, keypoints: number];
}

/** K coordinates in heatmap cells, `[x₀, y₀, x₁, y₁, …]`, with 0 at the centre of the first cell, and the confidence of each. */
export interface Cells {
  readonly xy: Float32Array;
  readonly score: Float32Array;
}

/** A decoder as JSON. */
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

/** The targets for which a decoder states its error: Gaussians with `sigma` in cells and peak `amplitude` on a [W, H] map. */
export interface GaussianModel {
  readonly sigma: number;
  readonly amplitude: number;
  /** `[width, height]` in cells. */
  readonly size: readonly [width: number, height: number];
  /** Whether a Gaussian is centred on the keypoint or on the nearest cell. */
  readonly center: 'rounded' | 'exact';
  /** How far the image extends beyond the centre of the last cell, in cells: ¾ at stride 4 with aligned edges. */
  readonly overhang: number;
}

/** Worst error per axis in cells, including the rounding of centres. */
export interface DecoderError {
  /** At least `margin` cells away from the centres of the first and last cells. */
  readonly interior: number;
  readonly margin: number;
  /** Anywhere on the image. */
  readonly border: number;
}

/**
 * Decodes heatmaps to coordinates. It is a plain function: call it directly, pass it to a codec as `refine`, or write your own.
 *
 * A map without a positive value decodes to cell (0, 0) with its maximum as the score, as in the reference; NaN cells are
 * ignored, and a map of NaN only scores 0.
 *
 * @example
 * const { xy, score } = quarterOffset({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export interface Decoder {
  (maps: HeatmapArray): Cells;
  /** The error bound that a codec's `precision` uses. Without it a codec assumes half a cell. */
  readonly error?: (model: GaussianModel) => DecoderError;
  /** The same rule as an operation of compiled graphs and ONNX files. Without it, their heatmaps are decoded on arrays. */
  readonly inGraph?: { readonly beta: number | null; readonly quarterOffset: boolean; readonly darkUdp?: number };
  /** JSON of the decoder in a saved codec. A codec without it cannot be saved. */
  readonly toJSON?: () => DecoderJSON;
}

/**
 * @internal The possible centres of a keypoint's Gaussian, counted from either end of the map: halves are rounded up, which is towards the centre
 * of the near end and away from that of the far end.
 */
export function centersOf(position: number, center: GaussianModel['center']): readonly number[] {
  return center === 'exact' ? [position] : [Math.floor(position + 0.5), Math.ceil(position - 0.5)];
}

/**
 * @internal Validates the input of every decoder. One check of its own, because each lone import of a decoder holds it.
 * @throws RangeError when the array's length and the shape disagree, or the input is something else.
 */
export function assertMaps(where: string, maps: HeatmapArray): void {
  const { heatmaps, shape } = (maps ?? {}) as Partial<HeatmapArray>;
  const [height, width, keypoints] = shape ?? [];
  const count = heatmaps?.length;
  if (!count || count !== height! * width! * keypoints!) {
    throw new RangeError(
      `${where}: in { heatmaps, shape }, heatmaps must hold height × width × keypoints numbers. Received: ${count ?? 'none'} for [${shape}].`,
    );
  }
}
