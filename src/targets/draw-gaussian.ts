/** One channel of channels-last heatmaps: cell (x, y) is at `(y·width + x)·stride + offset`. */
export interface Channel {
  readonly heatmaps: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly offset: number;
}

/** @internal A square patch of `2·radius + 1` cells with the Gaussian's peak in the middle, for centres on a cell. */
export function gaussianPatch(sigma: number, radius: number, amplitude: number): Float32Array {
  const side = 2 * radius + 1;
  const patch = new Float32Array(side * side);
  for (let y = -radius, i = 0; y <= radius; y++) {
    for (let x = -radius; x <= radius; x++, i++) {
      patch[i] = amplitude * Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
    }
  }
  return patch;
}

/** @internal Pastes a patch centred on a cell, clipped to the map. */
export function drawPatch(channel: Channel, patch: Float32Array, radius: number, cx: number, cy: number): void {
  const { heatmaps, width, height, stride, offset } = channel;
  const side = 2 * radius + 1;
  const left = Math.max(0, cx - radius);
  const count = Math.min(width - 1, cx + radius) - left + 1;
  const bottom = Math.min(height - 1, cy + radius);
  for (let y = Math.max(0, cy - radius); y <= bottom; y++) {
    let from = (y - cy + radius) * side + left - cx + radius;
    let to = (y * width + left) * stride + offset;
    for (let i = 0; i < count; i++, from++, to += stride) heatmaps[to] = patch[from]!;
  }
}

/** @internal A Gaussian about any real centre, over the cells within `reach` of it per axis; separable: one exp per row and column. */
export function drawGaussian(
  channel: Channel,
  sigma: number,
  amplitude: number,
  reach: number,
  cx: number,
  cy: number,
): void {
  const { heatmaps, width, height, stride, offset } = channel;
  const left = Math.max(0, Math.ceil(cx - reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  const bottom = Math.min(height - 1, Math.floor(cy + reach));
  if (right < left) return;
  const across = new Float64Array(right - left + 1);
  for (let x = left; x <= right; x++) across[x - left] = Math.exp(-((x - cx) ** 2) / (2 * sigma * sigma));
  for (let y = Math.max(0, Math.ceil(cy - reach)); y <= bottom; y++) {
    const down = amplitude * Math.exp(-((y - cy) ** 2) / (2 * sigma * sigma));
    let to = (y * width + left) * stride + offset;
    for (let i = 0; i < across.length; i++, to += stride) heatmaps[to] = down * across[i]!;
  }
}
