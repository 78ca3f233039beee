import type { Pose, PoseBox } from './pose';
import type { Shape } from './shape';
import { textWidth } from './svg';

/** The box of a person and its label. */
export function frame({ box, label }: Pose, color: string, [left, top, width, height]: PoseBox): Shape[] {
  if (box === undefined && label === undefined) return [];
  if (box !== undefined) checkBox('box', box);
  const unit = Math.hypot(width, height) / 100;
  const [x, y, w, h] = box ?? [left, top, width, height];
  const outline = { fill: 'none', stroke: color, 'stroke-width': 0.32 * unit, rx: 0.5 * unit };
  const rectangle: Shape[] =
    box === undefined ? [] : [{ name: 'rect', attributes: { x, y, width: w, height: h, ...outline } }];
  if (label === undefined || label === '') return rectangle;
  const fontSize = 2.1 * unit;
  const tagWidth = textWidth(label, fontSize) + fontSize;
  const tagHeight = 1.5 * fontSize;
  // Above the box where it fits, otherwise inside its top edge; never outside the picture.
  const tagX = Math.max(left, Math.min(x, left + width - tagWidth));
  const tagY = Math.max(top, y - tagHeight);
  const tag = { x: tagX, y: tagY, height: tagHeight };
  const words = { x: tagX + 0.6 * fontSize, y: tagY + 1.07 * fontSize, 'font-size': fontSize };
  return [
    ...rectangle,
    {
      name: 'rect',
      attributes: { ...tag, width: tagWidth, rx: 0.3 * fontSize, fill: '#111', 'fill-opacity': 0.78 },
    },
    { name: 'rect', attributes: { ...tag, width: 0.25 * fontSize, fill: color } },
    { name: 'text', attributes: { ...words, 'font-weight': 600, fill: '#fff' }, content: label },
  ];
}

export function checkBox(what: string, box: PoseBox): void {
  const [, , width, height] = box;
  if (!(box.every(Number.isFinite) && width > 0 && height > 0)) {
    const shown = what === 'size' ? `[${width}, ${height}]` : `[${box.join(', ')}]`;
    throw new RangeError(`poseSvg: ${what} must be finite, with positive width and height. Received: ${shown}.`);
  }
}
