import { drawHeatmap } from 'poseblocks/video';
import { h } from '../dom';
import type { Sample } from '../train';

/** A held-out person with its heatmaps and keypoints. */
export function sampleCanvas({ image, heatmaps, xy }: Sample): HTMLCanvasElement {
  const { width, height } = image;
  const canvas = h('canvas', { width, height, role: 'img', 'aria-label': 'Held-out person with its heatmaps' });
  const pen = canvas.getContext('2d')!;
  pen.putImageData(image, 0, 0);
  drawHeatmap(pen, heatmaps, { size: [width, height] });
  pen.fillStyle = '#fff';
  for (let i = 0; i < xy.length; i += 2) pen.fillRect(xy[i]! - 1, xy[i + 1]! - 1, 3, 3);
  return canvas;
}
