import { drawHeatmap } from 'poseblocks/video';
import { h } from '../dom';
import type { Heatmaps } from '../open-model';

/** What each stage of a network says of the first person, side by side: the part of the picture with the heatmap over it. */
export function stageRow(): {
  readonly element: HTMLElement;
  /** Nothing for networks with one output. */
  readonly draw: (image: ImageBitmap, stages: readonly (readonly Heatmaps[])[], keypoint: number | 'all') => void;
} {
  const element = h('div', { class: 'stages', role: 'group', 'aria-label': 'Outputs of each stage' });
  const figure = (i: number): HTMLElement =>
    (element.children[i] as HTMLElement | undefined) ??
    element.appendChild(
      h(
        'figure',
        {},
        h('canvas', { width: 192, height: 256, role: 'img', 'aria-label': `Heatmap of stage ${i + 1}` }),
        h('figcaption', {}, `Stage ${i + 1}`),
      ),
    );
  return {
    element,
    draw(image, stages, keypoint) {
      const maps = stages.length > 1 ? stages.flatMap(([first]) => first ?? []) : [];
      while (element.children.length > maps.length) element.lastChild!.remove();
      maps.forEach((map, i) => {
        const canvas = figure(i).querySelector('canvas')!;
        const [x, y, width, height] = map.region;
        canvas.height = Math.round((canvas.width * height) / width);
        const pen = canvas.getContext('2d')!;
        pen.fillStyle = '#000';
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, x, y, width, height, 0, 0, canvas.width, canvas.height);
        drawHeatmap(pen, map, { keypoint, box: map.region, view: map.region });
      });
    },
  };
}
