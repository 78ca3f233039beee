import type { Shape } from './shape';

/** The used parts of a 2-D drawing context: of a page's canvas, an `OffscreenCanvas`, or a canvas package for Node. */
export type DrawingContext = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'scale'
  | 'translate'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'rect'
  | 'closePath'
  | 'stroke'
  | 'fill'
  | 'setLineDash'
  | 'strokeText'
  | 'fillText'
  | 'drawImage'
  | 'createImageData'
  | 'putImageData'
  | 'lineWidth'
  | 'globalAlpha'
  | 'font'
> & {
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  textAlign: CanvasTextAlign;
  imageSmoothingEnabled: boolean;
  strokeStyle: unknown;
  fillStyle: unknown;
  readonly canvas: { readonly width: number; readonly height: number };
};

/** Draws shapes on a canvas as SVG renders them. */
export function paint(context: DrawingContext, shapes: readonly Shape[]): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const shape of shapes) {
    const number = (name: string, otherwise = 0): number => Number(shape.attributes[name] ?? otherwise);
    const { fill, stroke } = shape.attributes;
    const stroked = (draw: () => void): void => {
      if (stroke === undefined || stroke === 'none') return;
      context.globalAlpha = number('opacity', 1) * number('stroke-opacity', 1);
      context.strokeStyle = stroke;
      context.lineWidth = number('stroke-width', 1);
      const dashes = shape.attributes['stroke-dasharray'];
      context.setLineDash(dashes === undefined ? [] : String(dashes).split(' ').map(Number));
      draw();
    };
    const filled = (draw: () => void): void => {
      if (fill === undefined || fill === 'none') return;
      context.globalAlpha = number('opacity', 1) * number('fill-opacity', 1);
      context.fillStyle = fill;
      draw();
    };
    if (shape.name === 'text') {
      const { content = '' } = shape;
      const weight = shape.attributes['font-weight'] ?? 400;
      context.font = `${weight} ${number('font-size', 12)}px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif`;
      context.textAlign = shape.attributes['text-anchor'] === 'end' ? 'right' : 'left';
      stroked(() => context.strokeText(content, number('x'), number('y')));
      filled(() => context.fillText(content, number('x'), number('y')));
      continue;
    }
    trace(context, shape.name, number);
    if (shape.name !== 'line') filled(() => context.fill());
    stroked(() => context.stroke());
  }
}

function trace(context: DrawingContext, name: 'line' | 'circle' | 'rect', number: (name: string) => number): void {
  context.beginPath();
  if (name === 'line') {
    context.moveTo(number('x1'), number('y1'));
    context.lineTo(number('x2'), number('y2'));
  } else if (name === 'circle') {
    context.arc(number('cx'), number('cy'), number('r'), 0, 2 * Math.PI);
  } else {
    roundedRect(context, number('x'), number('y'), number('width'), number('height'), number('rx'));
  }
}

/** `roundRect` is missing in browsers of 2022 and in most canvas packages for Node. */
function roundedRect(context: DrawingContext, x: number, y: number, w: number, h: number, rx: number): void {
  const r = Math.min(rx, w / 2, h / 2);
  if (r <= 0) return context.rect(x, y, w, h);
  const quarter = Math.PI / 2;
  context.moveTo(x + r, y);
  context.arc(x + w - r, y + r, r, -quarter, 0);
  context.arc(x + w - r, y + h - r, r, 0, quarter);
  context.arc(x + r, y + h - r, r, quarter, 2 * quarter);
  context.arc(x + r, y + r, r, 2 * quarter, 3 * quarter);
  context.closePath();
}

/** Maps the part of the image onto the whole canvas while drawing, then restores the context. */
export function onView(
  where: string,
  context: DrawingContext,
  view: readonly [x: number, y: number, width: number, height: number] | undefined,
  draw: () => void,
): void {
  context.save();
  try {
    if (view !== undefined) {
      if (!(view.every(Number.isFinite) && view[2] > 0 && view[3] > 0)) {
        throw new RangeError(
          `${where}: size and view must be finite, with positive width and height. Received: [${view.join(', ')}].`,
        );
      }
      context.scale(context.canvas.width / view[2], context.canvas.height / view[3]);
      context.translate(-view[0], -view[1]);
    }
    draw();
  } finally {
    context.restore();
  }
}
