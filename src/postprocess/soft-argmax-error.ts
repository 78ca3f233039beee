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
export function softArgmaxError(settings: Settings): (model: GaussianModel) => DecoderError {
  return (model) => {
    const { center, overhang, size, sigma } = model;
    const margin = Math.ceil(3 * sigma) + 1;
    const worst = (positions: number[]): number => {
      let error = 0;
      for (const x of positions) {
        for (const y of positions) {
          const ys = centersOf(y, center);
          centersOf(x, center).forEach((cx, end) => {
            const mean = expectedCell([cx, ys[end]!], model, settings);
            error = Math.max(error, Math.abs(mean[0] - x), Math.abs(mean[1] - y));
          });
        }
      }
      return error;
    };
    const offsets = [0, 0.2, 0.35, 0.45, 0.49, 0.51, 0.55, 0.65, 0.8].map((offset) => margin + offset);
    const inside = size.every((length) => length > 2 * margin + 1);
    // The samples are close enough that the worst error between them is within a tenth; the offset acts inside only.
    const slack = (error: number): number => 1.1 * error + 0.01 + (settings.quarterOffset ? 0.25 : 0);
    const shortest = Math.min(...size);
    const middle = Math.floor(inside ? margin / 2 : shortest / 2) - 1; // between the border and the interior, or of the whole map
    const border = [-overhang, -Math.min(overhang, 0.49), -overhang / 2, 0, 0.3, 0.49, 0.51, 1, 1.45, 2, margin]
      .concat([0.2, 0.35, 0.49, 0.51, 0.65].map((offset) => middle + offset))
      .map((position) => Math.min(position, shortest - 1));
    return {
      interior: slack(worst(inside ? offsets : border)),
      margin,
      border: slack(Math.max(worst(border), inside ? worst(offsets) : 0)),
    };
  };
}

function expectedCell(
  [cx, cy]: readonly [number, number],
  { sigma, amplitude, size: [width, height] }: GaussianModel,
  { beta, radius = Infinity }: Settings,
): readonly [number, number] {
  // The peak is at the map's largest value, which is not at the centre where the centre is outside the map.
  const px = Math.min(Math.max(Math.round(cx), 0), width - 1);
  const py = Math.min(Math.max(Math.round(cy), 0), height - 1);
  const gaussian = (x: number, y: number): number => Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma ** 2));
  const largest = gaussian(px, py);
  let [total, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.abs(x - px) > radius || Math.abs(y - py) > radius) continue;
      const weight = Math.exp(beta * amplitude * (gaussian(x, y) - largest));
      total += weight;
      sumX += weight * x;
      sumY += weight * y;
    }
  }
  return [sumX / total, sumY / total];
}
