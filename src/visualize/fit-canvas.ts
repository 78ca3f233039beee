/**
 * Sets the resolution of a canvas to that of the display, so that lines are sharp on every screen. Setting a
 * canvas's size clears it; nothing happens where it already matches.
 *
 * @param density display pixels per CSS pixel. Default: `devicePixelRatio`, which browser zoom also changes.
 * @returns whether the size was changed.
 * @example
 * fitCanvas(canvas); // then draw, with the option `size`
 */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  density: number = canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1,
): boolean {
  const width = Math.max(1, Math.round(canvas.clientWidth * density));
  const height = Math.max(1, Math.round(canvas.clientHeight * density));
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}
