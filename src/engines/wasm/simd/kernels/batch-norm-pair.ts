// Batch normalisation where a channel has one value or two, as on the innermost map of an hourglass. They become 0 or ±1 up to epsilon, so float32
// sums would cancel; the numbers are few, and are computed in float64.

/** The normalised values, where `relu` of the ReLU after them, their mean and biased variance. */
export function normalizePair(
  x: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  epsilon: number,
  relu: boolean,
  { y, mean, variance }: Readonly<Record<'y' | 'mean' | 'variance', Float32Array>>,
): void {
  const channels = scale.length;
  const last = x.length - channels; // the second row, or the only one
  for (let c = 0; c < channels; c++) {
    const deviation = (x[c]! - x[last + c]!) / 2;
    const normalized = (scale[c]! * deviation) / Math.sqrt(deviation * deviation + epsilon);
    mean[c] = (x[c]! + x[last + c]!) / 2;
    variance[c] = deviation * deviation;
    const low = relu ? 0 : -Infinity;
    y[c] = Math.max(low, offset[c]! + normalized);
    y[last + c] = Math.max(low, offset[c]! - normalized);
  }
}

/** The gradients: of the difference of the two dy, the fraction ε / (σ² + ε) of their half difference remains. */
export function pairGradient(
  x: Float32Array,
  dy: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  epsilon: number,
  relu: boolean,
  { dx, dScale, dOffset }: Readonly<Record<'dx' | 'dScale' | 'dOffset', Float32Array>>,
): void {
  const channels = scale.length;
  const last = x.length - channels;
  for (let c = 0; c < channels; c++) {
    const deviation = (x[c]! - x[last + c]!) / 2;
    const variance = deviation * deviation + epsilon;
    const inverse = 1 / Math.sqrt(variance);
    const normalized = (scale[c]! * deviation) / Math.sqrt(variance);
    const above = !relu || offset[c]! + normalized > 0 ? dy[c]! : 0;
    const below = !relu || offset[c]! - normalized > 0 ? dy[last + c]! : 0;
    const half = (above - below) / 2;
    const slope = (scale[c]! * inverse * half * epsilon) / variance;
    dOffset[c] = last ? above + below : above;
    dScale[c] = 2 * half * deviation * inverse;
    dx[last + c] = -slope;
    dx[c] = last ? slope : 0;
  }
}
