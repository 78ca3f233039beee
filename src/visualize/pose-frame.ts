import type { Pose, PoseBox } from './pose';
import { element, text, textWidth } from './svg';

/** The box of a person, and the label on it. */
export function frame({ box, label }: Pose, color: string, [left, top, width, height]: PoseBox): string[] {
  if (box === undefined && label === undefined) return [];
  if (box !== undefined) checkBox('box', box);
  const unit = Math.hypot(width, height) / 100;
  const [x, y, w, h] = box ?? [left, top, width, height];
  const rectangle =
    box === undefined
      ? []
      : [
          element('rect', {
            x,
            y,
            width: w,
            height: h,
            fill: 'none',
            stroke: color,
            'stroke-width': 0.32 * unit,
            rx: 0.5 * unit,
          }),
        ];
  if (label === undefined || label === '') return rectangle;
  const fontSize = 2.1 * unit;
  const tagWidth = textWidth(label, fontSize) + fontSize;
  const tagHeight = 1.5 * fontSize;
  // Above the box when there is room, else inside its top edge; never outside the picture.
  const tagX = Math.max(left, Math.min(x, left + width - tagWidth));
  const tagY = Math.max(top, y - tagHeight);
  return [
    ...rectangle,
    element('rect', {
      x: tagX,
      y: tagY,
      width: tagWidth,
      height: tagHeight,
      rx: 0.3 * fontSize,
      fill: '#111',
      'fill-opacity': 0.78,
    }),
    element('rect', { x: tagX, y: tagY, width: 0.25 * fontSize, height: tagHeight, fill: color }),
    text(label, {
      x: tagX + 0.6 * fontSize,
      y: tagY + 1.07 * fontSize,
      'font-size': fontSize,
      'font-weight': 600,
      fill: '#fff',
    }),
  ];
}

export function checkBox(what: string, box: PoseBox): void {
  const [, , width, height] = box;
  if (!(box.every(Number.isFinite) && width > 0 && height > 0)) {
    const shown = what === 'size' ? `[${width}, ${height}]` : `[${box.join(', ')}]`;
    throw new RangeError(`poseSvg: ${what} must be finite, with positive width and height. Received: ${shown}.`);
  }
}
