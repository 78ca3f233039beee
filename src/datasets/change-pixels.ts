import type { Size } from '../keypoints';
import type { PixelChanges } from './augment';
import type { Normalization } from './normalization';

/** Applies gains and the black rectangle to a normalised crop, in place, as if to the image before normalisation. */
export function changePixels(
  pixels: Float32Array,
  [width, height]: Size,
  { gains, hole }: PixelChanges,
  { channels, mean, std }: Normalization,
): void {
  for (let c = 0; c < 3; c++) {
    const gain = gains?.[channels === 'rgb' ? c : 2 - c] ?? 1;
    const [m, s] = [mean[c]!, std[c]!];
    const black = -m / s;
    const white = (1 - m) / s;
    if (gain !== 1) {
      for (let i = c; i < pixels.length; i += 3) {
        pixels[i] = Math.min(white, Math.max(black, (pixels[i]! - black) * gain + black));
      }
    }
    if (hole === undefined) continue;
    const [x0, y0, w, h] = hole;
    for (let y = y0; y < Math.min(height, y0 + h); y++) {
      for (let x = x0; x < Math.min(width, x0 + w); x++) pixels[3 * (y * width + x) + c] = black;
    }
  }
}
