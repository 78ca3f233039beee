import { PALETTE } from 'poseblocks/visualize';
import type { SkeletonPlan } from '../project';
import type { StoredPerson } from '../storage';

export interface DrawnLabels {
  readonly bitmap: ImageBitmap;
  readonly people: readonly StoredPerson[];
  readonly plan: SkeletonPlan;
  /** Those that are being labelled. */
  readonly person: number;
  readonly keypoint: number;
  /** Where the keyboard's cross is, in pixels of the picture. */
  readonly cursor: readonly [number, number] | undefined;
}

/** The picture with its labels, as large as the canvas's parent and as sharp as the display. */
export function drawLabels(canvas: HTMLCanvasElement, labels: DrawnLabels): void {
  const { bitmap, people, plan, person, keypoint, cursor } = labels;
  const context = canvas.getContext('2d')!;
  const shown = Math.min(canvas.parentElement?.clientWidth || 800, 1200) * Math.min(2, devicePixelRatio);
  const width = Math.max(1, Math.round(shown));
  const height = Math.max(1, Math.round((width * bitmap.height) / bitmap.width));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(bitmap, 0, 0, width, height);
  // Coordinate 0 is the first pixel's centre.
  const at = (value: number): number => ((value + 0.5) * width) / bitmap.width;
  people.forEach((each, i) => {
    context.globalAlpha = i === person ? 1 : 0.5;
    drawPerson(context, each, plan, { at, width, chosen: i === person ? keypoint : undefined });
  });
  context.globalAlpha = 1;
  if (cursor) drawCross(context, at(cursor[0]), at(cursor[1]));
}

function drawPerson(
  context: CanvasRenderingContext2D,
  { xy, score }: StoredPerson,
  { names, edges }: SkeletonPlan,
  { at, width, chosen }: { at: (value: number) => number; width: number; chosen: number | undefined },
): void {
  const point = (k: number): [number, number] => [at(xy[2 * k]!), at(xy[2 * k + 1]!)];
  context.lineWidth = Math.max(2, width / 300);
  context.strokeStyle = chosen === undefined ? '#aaa' : '#fff';
  for (const [a, b] of edges.map(([from, to]) => [names.indexOf(from), names.indexOf(to)] as const)) {
    if (!(score[a]! > 0 && score[b]! > 0)) continue;
    context.beginPath();
    context.moveTo(...point(a));
    context.lineTo(...point(b));
    context.stroke();
  }
  score.forEach((value, k) => {
    if (!(value > 0)) return;
    const color = PALETTE[k % PALETTE.length]!;
    context.beginPath();
    context.arc(...point(k), Math.max(5, width / 130), 0, 2 * Math.PI);
    context.fillStyle = value === 2 ? color : '#0000';
    context.strokeStyle = k === chosen ? '#ff0' : value === 2 ? '#fff' : color;
    context.fill();
    context.stroke();
  });
}

function drawCross(context: CanvasRenderingContext2D, x: number, y: number): void {
  for (const [strokeStyle, lineWidth] of [
    ['#000', 4],
    ['#ff0', 2],
  ] as const) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.beginPath();
    context.moveTo(x - 14, y);
    context.lineTo(x + 14, y);
    context.moveTo(x, y - 14);
    context.lineTo(x, y + 14);
    context.stroke();
  }
}
