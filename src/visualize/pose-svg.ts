import { knownOptions, requireThat } from '../bytes';
import type { Pose, PoseBox } from './pose';
import { checkBox } from './pose-frame';
import { peopleShapes, requirePeople, STYLE, type PoseStyle } from './pose-shapes';
import { svgOf } from './shape';
import { element, root } from './svg';

/** Options of {@link poseSvg}. */
export interface PoseSvgOptions extends PoseStyle {
  /** `[width, height]` of the image in pixels. */
  readonly size: readonly [width: number, height: number];
  /** URL or `data:` URL of the image below the people. */
  readonly image?: string;
  /** Part of the image to show. @defaultValue the whole image */
  readonly view?: PoseBox;
  /** Height of the picture in pixels, for equal heights in a row. @defaultValue that of the image or view */
  readonly height?: number;
  /** Description for screen readers. */
  readonly title?: string;
}

/**
 * People over their image as SVG: limbs, keypoints, boxes and labels. `drawPose` draws the same on a canvas.
 *
 * @param people one pose, or several.
 * @throws RangeError when sizes, scores or edges do not match the keypoints.
 * @example
 * const svg = poseSvg({ ...keypoints, box, label: '0.93' }, { skeleton: COCO, size: [640, 480], image: 'photo.jpg' });
 */
export function poseSvg(people: Pose | readonly Pose[], options: PoseSvgOptions): string {
  requirePeople('poseSvg', people, options);
  const { size, image, view } = options;
  requireThat(Array.isArray(size), 'poseSvg', 'size must be [width, height] of the image', size);
  knownOptions('poseSvg', options, [...STYLE, 'size', 'image', 'view', 'height', 'title']);
  checkBox('size', [0, 0, size[0], size[1]]);
  if (view !== undefined) checkBox('view', view);

  const [width, height] = size;
  const shown = view ?? ([0, 0, width, height] as const);
  const picture =
    image === undefined ? [] : [element('image', { href: image, width, height, preserveAspectRatio: 'none' })];
  const scale = (options.height ?? shown[3]) / shown[3];
  if (!(scale > 0 && scale < Infinity)) {
    throw new RangeError(`poseSvg: height must be a positive number of pixels. Received: ${options.height}.`);
  }
  const figures = peopleShapes('poseSvg', people, shown, options).map((shapes) =>
    element('g', { 'stroke-linecap': 'round' }, ...shapes.map(svgOf)),
  );
  return root([scale * shown[2], scale * shown[3]], { viewBox: shown, title: options.title }, ...picture, ...figures);
}
