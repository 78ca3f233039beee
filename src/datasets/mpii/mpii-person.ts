import type { Keypoints } from '../../keypoints';
import { mpiiRegion } from '../../geometry';
import type { Person, Skip } from '../person';

/** A person as in MPII's files, in their 1-based pixels. */
export interface MpiiRecord {
  readonly id: number;
  readonly imageId: number;
  readonly fileName: string;
  readonly center: readonly [number, number];
  readonly scale: number;
  /** 16 points; undefined where not annotated. */
  readonly points: readonly (readonly [x: number, y: number, v: 1 | 2] | undefined)[];
  readonly headBox?: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** The fraction of the head box's diagonal that PCKh uses as the head size (SC_BIAS of the official evaluation). */
const HEAD_SHARE = 0.6;

/**
 * Converts a record to a 0-based {@link Person}: centre and scale as in HRNet's loader (`mpiiRegion`), the box the square of
 * 200·scale around the centre, with the area of that square.
 */
export function mpiiPerson({ id, imageId, fileName, center, scale, points, headBox }: MpiiRecord): Person | Skip {
  if (center[0] === -1 || !(scale > 0)) {
    return { reason: 'no-annotation', id, fileName, detail: `center is [${center}], scale ${scale}.` };
  }
  if (!points.some((point) => point !== undefined)) {
    return { reason: 'no-keypoints', id, fileName, detail: 'no joint is annotated.' };
  }
  const xy = new Float32Array(2 * points.length);
  const score = new Float32Array(points.length);
  points.forEach((point, k) => {
    if (point === undefined) return;
    xy[2 * k] = point[0] - 1;
    xy[2 * k + 1] = point[1] - 1;
    score[k] = point[2];
  });
  const keypoints: Keypoints<'image'> = { frame: 'image', xy, score };
  const region = mpiiRegion({ center, scale });
  const side = 200 * scale;
  return {
    id,
    imageId,
    fileName,
    box: [region.center[0] - side / 2, region.center[1] - side / 2, side, side],
    keypoints,
    area: side * side,
    iscrowd: false,
    center: region.center,
    scale: region.size[0] / 200,
    ...(headBox && { headSize: HEAD_SHARE * Math.hypot(headBox[2] - headBox[0], headBox[3] - headBox[1]) }),
  };
}

/** Separates the results of {@link mpiiPerson} into persons and skips. */
export function separate(results: readonly (Person | Skip)[]): { persons: Person[]; skipped: Skip[] } {
  const persons: Person[] = [];
  const skipped: Skip[] = [];
  for (const result of results) {
    if ('reason' in result) skipped.push(result);
    else persons.push(result);
  }
  return { persons, skipped };
}
