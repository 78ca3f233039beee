import { LSP, type Keypoints } from '../../keypoints';
import { keypointsBox } from '../../geometry';
import { DatasetError } from '../fields';
import { readMat } from '../matlab/read-mat';
import type { Person, PoseDataset, Skip } from '../person';

/** Options of {@link readLsp}. */
export interface ReadLspOptions {
  /** Name of the file in errors. @defaultValue `'joints.mat'` */
  readonly source?: string;
  /** File name for a 0-based image index. @defaultValue the names in the archives, `im0001.jpg` (LSP) and `im00001.jpg` (extended) */
  readonly fileName?: (index: number) => string;
}

/**
 * Reads `joints.mat` of Leeds Sports Poses (Johnson & Everingham, BMVC 2010) or of its extended training set (CVPR
 * 2011): one person per image, 14 keypoints named from the person's own side (person-centric).
 *
 * The two differ in layout and in the meaning of the third number: LSP is 3 × 14 × N with 1 = occluded and all labelled; the
 * extended set is 14 × 3 × N with 1 = labelled (0 here becomes visibility 0). MATLAB counts pixels from 1: coordinates
 * are shifted by −1. The box is the smallest around the labelled keypoints, and `area` is its area, since neither file has boxes.
 *
 * @param bytes of `joints.mat`
 * @throws DatasetError when the file is not a MAT file of version 5, or `joints` has another shape.
 * @example const { persons } = await readLsp(new Uint8Array(await (await fetch('joints.mat')).arrayBuffer()));
 */
export async function readLsp(bytes: Uint8Array, options: ReadLspOptions = {}): Promise<PoseDataset> {
  const source = options.source ?? 'joints.mat';
  const joints = (await readMat(bytes, { source, variables: ['joints'] })).get('joints');
  const fail = (received: string): DatasetError =>
    new DatasetError(`${source}, joints: must be numbers of shape 3 × 14 × N or 14 × 3 × N. Received: ${received}.`);
  if (joints?.kind !== 'numeric') throw fail(joints === undefined ? 'no such variable' : joints.kind);
  const [rows = 0, columns = 0, count = 1] = joints.shape;
  const extended = rows === 14 && columns === 3;
  if (!(extended || (rows === 3 && columns === 14)) || joints.shape.length > 3) throw fail(joints.shape.join(' × '));

  const digits = extended ? 5 : 4;
  const fileName = options.fileName ?? ((i: number) => `im${String(i + 1).padStart(digits, '0')}.jpg`);
  const at = (k: number, c: number, i: number): number =>
    Number(joints.data[42 * i + (extended ? 14 * c + k : 3 * k + c)]);
  const persons: Person[] = [];
  const skipped: Skip[] = [];
  for (let i = 0; i < count; i++) {
    const xy = new Float32Array(28);
    const score = new Float32Array(14);
    for (let k = 0; k < 14; k++) {
      const flag = at(k, 2, i) > 0;
      score[k] = extended ? (flag ? 2 : 0) : flag ? 1 : 2;
      if (score[k] === 0) continue;
      for (let c = 0; c < 2; c++)
        xy[2 * k + c] = finite(at(k, c, i), `${source}, joints(${k + 1}, ${c + 1}, ${i + 1})`) - 1;
    }
    const keypoints: Keypoints<'image'> = { frame: 'image', xy, score };
    const box = keypointsBox(keypoints);
    if (box === undefined || box[2] === 0 || box[3] === 0) {
      skipped.push({
        reason: 'no-keypoints',
        id: i,
        fileName: fileName(i),
        detail: 'fewer than two keypoints are labelled.',
      });
      continue;
    }
    persons.push({ id: i, imageId: i, fileName: fileName(i), box, keypoints, area: box[2] * box[3], iscrowd: false });
  }
  return { keypointSet: LSP, persons, skipped };
}

function finite(value: number, place: string): number {
  if (!Number.isFinite(value)) throw new DatasetError(`${place}: must be a finite number. Received: ${value}.`);
  return value;
}
