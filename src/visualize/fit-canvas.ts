/**
 * Gives a canvas as many pixels as the display has where it stands, so that lines are sharp on every screen. Setting a
 * canvas's size clears it; nothing is done where it fits already.
 *
 * @param density pixels of the display a CSS pixel. Default: `devicePixelRatio`, which browser zoom changes too.
 * @returns whether the size was changed.
 * @example
 * fitCanvas(canvas); // then draw, with `size` given
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
