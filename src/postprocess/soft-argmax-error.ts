import { centersOf, type DecoderError, type GaussianModel } from './decoder';

interface Settings {
  readonly beta: number;
  readonly radius: number | undefined;
  readonly quarterOffset: boolean;
}

/**
 * @internal The error of β-soft-argmax on ideal Gaussians, from its definition: with a large β the result leans to the nearest cell,
 * with a small β towards the centre of the map. The function evaluates both and takes the worst.
 */
export function softArgmaxError({
  beta,
  radius = Infinity,
  quarterOffset,
}: Settings): (model: GaussianModel) => DecoderError {
  return ({ center, overhang, size, sigma, amplitude }) => {
    const [width, height] = size;
    /** The distance, on the worse axis, of the mean cell from (x, y) when the Gaussian's centre is (cx, cy). */
    const errorOf = (x: number, y: number, cx: number, cy: number): number => {
      // The peak is at the map's largest value, which is not at the centre where the centre is outside the map.
      const nearest = (c: number, length: number): number => Math.min(Math.max(Math.round(c), 0), length - 1);
      const [px, py] = [nearest(cx, width), nearest(cy, height)];
      const gaussian = (i: number, j: number): number => Math.exp(-((i - cx) ** 2 + (j - cy) ** 2) / (2 * sigma ** 2));
      const largest = gaussian(px, py);
      let [total, sumX, sumY] = [0, 0, 0];
      for (let j = 0; j < height; j++) {
        for (let i = 0; i < width; i++) {
          if (Math.abs(i - px) > radius || Math.abs(j - py) > radius) continue;
          const weight = Math.exp(beta * amplitude * (gaussian(i, j) - largest));
          total += weight;
          sumX += weight * i;
          sumY += weight * j;
        }
      }
      return Math.max(Math.abs(sumX / total - x), Math.abs(sumY / total - y));
    };
    // The samples are close enough that the worst error between them is within a tenth; the offset acts inside only.
    const worst = (positions: readonly number[]): number => {
      let error = 0;
      for (const x of positions) {
        for (const y of positions) {
          const ys = centersOf(y, center);
          centersOf(x, center).forEach((cx, end) => (error = Math.max(error, errorOf(x, y, cx, ys[end]!))));
        }
      }
      return 1.1 * error + 0.01 + (quarterOffset ? 0.25 : 0);
    };
    const margin = Math.ceil(3 * sigma) + 1;
    const inside = size.every((length) => length > 2 * margin + 1);
    const shortest = Math.min(...size);
    const middle = ((inside ? margin : shortest) >> 1) - 1; // between the border and the interior, or of the whole map
    const border = [-overhang, -Math.min(overhang, 0.49), -overhang / 2, 0, 0.3, 0.49, 0.51, 1, 1.45, 2, margin]
      .concat([0.2, 0.35, 0.49, 0.51, 0.65].map((offset) => middle + offset))
      .map((position) => Math.min(position, shortest - 1));
    const interior = worst(
      inside ? [0, 0.2, 0.35, 0.45, 0.49, 0.51, 0.55, 0.65, 0.8].map((offset) => margin + offset) : border,
    );
    return { interior, margin, border: Math.max(interior, worst(border)) };
  };
}
