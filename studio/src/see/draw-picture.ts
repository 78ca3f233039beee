import { drawHeatmap, drawPose, type TrackedPose } from 'poseblocks/video';
import type { OpenModel } from '../open-model';
import type { ChosenHeatmap } from './heatmap-choice';

export interface Shown {
  readonly skeleton: boolean;
  /** With ids and confidences. */
  readonly boxes: boolean;
  readonly names: boolean;
  readonly heatmap: ChosenHeatmap;
}

/** A picture with what was found in it, as sharp as the display and at most as large as it is shown. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  image: ImageBitmap,
  people: readonly TrackedPose[],
  model: OpenModel,
  { skeleton, boxes, names, heatmap }: Shown,
): void {
  const size = [image.width, image.height] as const;
  const density = Math.min(2, devicePixelRatio);
  const width = Math.max(1, Math.round(Math.min(canvas.parentElement!.clientWidth, 1280) * density));
  const height = Math.max(1, Math.round((width * size[1]) / size[0]));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0, width, height);
  if (heatmap !== undefined) {
    for (const map of model.stages.at(-1) ?? [])
      drawHeatmap(context, map, { keypoint: heatmap, box: map.region, size });
  }
  if (skeleton) {
    const poses = people.map(({ frame, xy, score, id, ...rest }) => ({
      frame,
      xy,
      score,
      id,
      ...(boxes && { box: rest.box, label: rest.label }),
    }));
    const colors = people.length > 1 ? 'person' : 'side';
    drawPose(context, poses, { skeleton: model.keypointSet, size, keypointNames: names, colors });
  }
  canvas.setAttribute('aria-label', `${people.length} ${people.length === 1 ? 'person' : 'people'} found`);
}
