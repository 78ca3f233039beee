import { findPeaks, peakCells } from './argmax';
import { assertKernel, blurMaps } from './blur';
import { assertMaps, type Cells, type Decoder, type HeatmapArray } from './decoder';

/** @internal Constants of the rule, for its form in graphs. */
export const DARK_UDP = {
  /** The range to which the blurred map is clipped before the logarithm. */
  lowest: 1e-3,
  highest: 50,
  /** Keeps the matrix of second derivatives from being singular on flat maps. */
  epsilon: 1.1920928955078125e-7,
} as const;

/**
 * UDP's variant of DARK: a quadratic through the logarithm of the blurred map at its peak, from neighbours one cell away; {@link darkDecoder} uses neighbours two away.
 *
 * `p = peak − (H + ε)⁻¹·∇` of `log(clip(blur(h), 10⁻³, 50))`, the blur scaled to keep the map's maximum. Values beyond the map repeat its border, so that
 * peaks there are refined too. The mixed derivative is taken along the diagonal: `½·(f₊₊ − f₊₀ − f₀₊ + 2f₀₀ − f₋₀ − f₀₋ + f₋₋)`. Cells of a map without a
 * positive value are not refined.
 *
 * Follows `refine_keypoints_dark_udp` of github.com/open-mmlab/mmpose; Huang et al. 2020, arxiv.org/abs/1911.07524; Zhang et al. 2020, arxiv.org/abs/1910.06278.
 * It differs where a step would leave the map, which the reference allows: here a step ends one cell beyond the map.
 *
 * @param kernelSize taps of the blur, odd. 11 for maps with σ 2, 17 for σ 3.
 * @throws RangeError when `kernelSize` is not odd and positive; the decoder throws it when the array's length and the shape disagree.
 * @example
 * const { xy } = darkUdpDecoder()({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export function darkUdpDecoder({ kernelSize = 11 }: { readonly kernelSize?: number } = {}): Decoder {
  assertKernel('darkUdp', kernelSize);
  const decode = (maps: HeatmapArray): Cells => {
    assertMaps('darkUdp', maps);
    const [height, width, K] = maps.shape;
    const peaks = findPeaks(maps);
    const cells = peakCells(peaks, width);
    const { heatmaps: blurred } = blurMaps(maps, kernelSize);
    const largest = new Float64Array(K).fill(-Infinity);
    for (let i = 0; i < blurred.length; i++) largest[i % K] = Math.max(largest[i % K]!, blurred[i]!);
    const inside = (at: number, length: number): number => Math.min(Math.max(at, 0), length - 1);
    for (let k = 0; k < K; k++) {
      if (!(peaks.values[k]! > 0 && peaks.values[k]! < Infinity && largest[k]! > 0)) continue;
      const [px, py] = [cells.xy[2 * k]!, cells.xy[2 * k + 1]!];
      const scale = peaks.values[k]! / largest[k]!;
      const log = (dx: number, dy: number): number => {
        const value = blurred[(inside(py + dy, height) * width + inside(px + dx, width)) * K + k]! * scale;
        return Math.log(Math.min(Math.max(value, DARK_UDP.lowest), DARK_UDP.highest));
      };
      const [dx, dy] = step(log);
      cells.xy[2 * k] = Math.min(Math.max(px + dx, -1), width);
      cells.xy[2 * k + 1] = Math.min(Math.max(py + dy, -1), height);
    }
    return cells;
  };
  return Object.assign(decode, {
    inGraph: { beta: null, quarterOffset: false, darkUdp: kernelSize },
    toJSON: () => ({ decoder: 'dark-udp' as const, kernelSize }),
  });
}

/**
 * {@link darkUdpDecoder} with the reference's kernel of 11.
 *
 * @example const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], align: 'centers', center: 'exact', refine: darkUdp });
 */
export const darkUdp: Decoder = /* @__PURE__ */ darkUdpDecoder();

function step(log: (dx: number, dy: number) => number): readonly [dx: number, dy: number] {
  const middle = log(0, 0);
  const [right, left, below, above] = [log(1, 0), log(-1, 0), log(0, 1), log(0, -1)];
  const [dx, dy] = [(right - left) / 2, (below - above) / 2];
  const dxx = right - 2 * middle + left + DARK_UDP.epsilon;
  const dyy = below - 2 * middle + above + DARK_UDP.epsilon;
  const dxy = (log(1, 1) - right - below + 2 * middle - left - above + log(-1, -1)) / 2;
  const determinant = dxx * dyy - dxy * dxy;
  if (determinant === 0) return [0, 0];
  return [-(dyy * dx - dxy * dy) / determinant || 0, -(dxx * dy - dxy * dx) / determinant || 0];
}
