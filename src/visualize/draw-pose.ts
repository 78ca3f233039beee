import { hasFields, knownOptions, requireThat } from '../bytes';
import { onView, paint, type DrawingContext } from './canvas';
import type { Pose, PoseBox } from './pose';
import { peopleShapes, requirePeople, STYLE, type PoseStyle } from './pose-shapes';

/** Options of {@link drawPose}. */
export interface DrawPoseOptions extends PoseStyle {
  /**
   * `[width, height]` of the image in its own pixels; the image fills the canvas, whatever the canvas's resolution.
   * Without it, coordinates are those of the context.
   */
  readonly size?: readonly [width: number, height: number];
  /** Part of the image that fills the canvas, `[x, y, width, height]`. @defaultValue the whole image */
  readonly view?: PoseBox;
}

/**
 * Draws people on a canvas as `poseSvg` does: limbs, keypoints, boxes and labels. It does not clear the canvas.
 *
 * Lines are drawn at the canvas's resolution: with {@link fitCanvas} they are sharp on every display.
 *
 * @param context context of any 2-D canvas; its state is restored.
 * @param people one pose, or several; the poses of `trackPoses` contain their box, label and id.
 * @throws RangeError when sizes, scores, colours or edges do not match the keypoints.
 * @example
 * context.drawImage(video, 0, 0, canvas.width, canvas.height);
 * drawPose(context, people, { skeleton: COCO, size: [video.videoWidth, video.videoHeight] });
 */
export function drawPose(context: DrawingContext, people: Pose | readonly Pose[], options: DrawPoseOptions): void {
  requireThat(
    hasFields(context, 'canvas', 'save', 'beginPath'),
    'drawPose',
    'context must be a 2-D context',
    context,
    "canvas.getContext('2d') gives one.",
  );
  requirePeople('drawPose', people, options);
  knownOptions('drawPose', options, [...STYLE, 'size', 'view']);
  const { size } = options;
  const view = options.view ?? (size && ([0, 0, ...size] as const));
  const { width, height } = context.canvas;
  onView('drawPose', context, view, () => {
    for (const shapes of peopleShapes('drawPose', people, view ?? [0, 0, width, height], options))
      paint(context, shapes);
  });
}
