import { h } from '../dom';
import { attempt } from '../notice';
import { drawLabels } from './draw-labels';
import type { Labelling } from './labelling';

/** How near a pointer takes hold of a keypoint: pixels of the page. */
const REACH = 9;

/** The picture on which keypoints are clicked, dragged, or placed with the keyboard. */
export function editor(labelling: Labelling): { readonly canvas: HTMLCanvasElement; readonly draw: () => void } {
  const canvas = h('canvas', {
    class: 'editor',
    width: 800,
    height: 600,
    tabindex: 0,
    role: 'application',
    'aria-label': 'Picture to label',
    'aria-describedby': 'label-keys',
  });
  const draw = (): void => {
    const { bitmap, picture, person, keypoint, cursor, project } = labelling;
    if (bitmap === undefined || picture === undefined) {
      canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    drawLabels(canvas, { bitmap, people: picture.people, plan: project.plan, person, keypoint, cursor });
  };
  /** Pixels of the picture in one of the page. */
  const fineness = (bitmap: ImageBitmap): number => bitmap.width / canvas.getBoundingClientRect().width;
  const at = (event: MouseEvent, bitmap: ImageBitmap): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    const k = fineness(bitmap);
    return [(event.clientX - left) * k - 0.5, (event.clientY - top) * k - 0.5];
  };
  const distance = (k: number, x: number, y: number): number => {
    const { xy } = labelling.current;
    return Math.hypot(xy[2 * k]! - x, xy[2 * k + 1]! - y);
  };

  let dragged: number | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    const { bitmap, current } = labelling;
    if (bitmap === undefined) return;
    canvas.focus();
    const [x, y] = at(event, bitmap);
    const near = current.score.findIndex((value, k) => value > 0 && distance(k, x, y) < REACH * fineness(bitmap));
    if (near < 0) return labelling.place(x, y, event.shiftKey ? 1 : 2);
    dragged = near;
    canvas.setPointerCapture(event.pointerId);
    labelling.select({ keypoint: near });
  });
  canvas.addEventListener('pointerup', (event) => {
    const { bitmap } = labelling;
    if (dragged === undefined || bitmap === undefined) return;
    const k = dragged;
    dragged = undefined;
    const [x, y] = at(event, bitmap);
    if (distance(k, x, y) >= 1) labelling.move(k, x, y);
  });
  canvas.addEventListener('keydown', (event) => {
    const { bitmap } = labelling;
    if (bitmap === undefined) return;
    const { width, height } = bitmap;
    const [x, y] = labelling.cursor ?? [width / 2, height / 2];
    const step = (event.shiftKey ? 0.05 : 0.01) * Math.max(width, height);
    const move = ARROWS[event.key];
    if (move) {
      const inside = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
      labelling.cursor = [inside(x + step * move[0], width), inside(y + step * move[1], height)];
    } else if (event.key === 'Enter' || event.key === ' ') labelling.place(x, y, event.shiftKey ? 1 : 2);
    else return;
    event.preventDefault();
    draw();
  });
  return { canvas, draw };
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Keys that label, wherever the focus is, but where text is typed. */
export function labellingKeys(labelling: Labelling, refresh: () => void, signal: AbortSignal): void {
  const { project } = labelling;
  const keys = (event: KeyboardEvent): void => {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
    const command = event.ctrlKey || event.metaKey;
    const { keypoint: k } = labelling;
    if (command && event.key.toLowerCase() === 'z') {
      event.preventDefault();
      attempt(async () => (await (event.shiftKey ? project.redo() : project.undo()), refresh()));
    } else if (command || event.altKey) return;
    else if (event.key === 'n') labelling.step(1);
    else if (event.key === 'p') labelling.step(-1);
    else if (event.key === 'h') labelling.change(({ score }) => (score[k] = [0, 2, 1][score[k]!]!));
    else if (event.key === 'Backspace' || event.key === 'Delete') labelling.change(({ score }) => (score[k] = 0));
    else if (event.key === 'j' || event.key === 'k') {
      const count = Math.max(1, project.plan.names.length);
      labelling.select({ keypoint: (k + (event.key === 'j' ? 1 : count - 1)) % count });
    }
  };
  document.addEventListener('keydown', keys, { signal });
}
