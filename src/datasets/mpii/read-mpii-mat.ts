import { MPII } from '../../keypoints';
import { DatasetError } from '../fields';
import { readMat } from '../matlab/read-mat';
import type { MatStruct, MatValue } from '../matlab/values';
import type { Person, PoseDataset, Skip } from '../person';
import { mpiiPerson, separate, type MpiiRecord } from './mpii-person';

/** Options of {@link readMpiiMat}. */
export interface ReadMpiiMatOptions {
  /** Name of the file in errors. @defaultValue `'mpii.mat'` */
  readonly source?: string;
  /** `'train'`: images with published annotations; `'test'`: the others, which have no joints; `'all'`: both. @defaultValue `'train'` */
  readonly split?: 'train' | 'test' | 'all';
  /** Only people at a sufficient distance from others, as `single_person` lists them. @defaultValue false */
  readonly singlePerson?: boolean;
}

/**
 * Reads MPII's original annotations, `mpii_human_pose_v1_u12_1.mat` (Andriluka et al., CVPR 2014): the variable
 * `RELEASE`. Its joints have occlusion (`is_visible`), and the head box gives `headSize` for PCKh.
 *
 * `is_visible` is a number, a text, or empty, depending on the record; empty counts as visible, as in the official
 * scripts. Ids are `1000 · image + person`, both counted from 0.
 *
 * @throws DatasetError naming the file and the position when a field is missing or has another type.
 * @example const { persons } = await readMpiiMat(bytes, { singlePerson: true });
 */
export async function readMpiiMat(bytes: Uint8Array, options: ReadMpiiMatOptions = {}): Promise<PoseDataset> {
  const { source = 'mpii.mat', split = 'train', singlePerson = false } = options;
  const release = structOf(
    (await readMat(bytes, { source, variables: ['RELEASE'] })).get('RELEASE'),
    `${source}, RELEASE`,
  );
  const annolist = structOf(release.at(0, 'annolist'), `${source}, RELEASE.annolist`);
  const train = release.at(0, 'img_train');
  const single = release.at(0, 'single_person');
  const results: (Person | Skip)[] = [];
  for (let i = 0; i < annolist.length; i++) {
    const inTrain = train?.kind !== 'numeric' || Number(train.data[i]) === 1;
    if (split !== 'all' && inTrain !== (split === 'train')) continue;
    const where = `${source}, RELEASE.annolist(${i + 1})`;
    const image = structOf(annolist.at(i, 'image'), `${where}.image`);
    const fileName = textOf(image.at(0, 'name'), `${where}.image.name`);
    const people = annolist.at(i, 'annorect');
    if (people?.kind !== 'struct') continue;
    const chosen = single?.kind === 'cell' ? single.at(i) : undefined;
    for (let p = 0; p < people.length; p++) {
      if (singlePerson && !(chosen?.kind === 'numeric' && Array.from(chosen.data, Number).includes(p + 1))) continue;
      results.push(personOf(people, p, { id: 1000 * i + p, imageId: i, fileName }, `${where}.annorect(${p + 1})`));
    }
  }
  return { keypointSet: MPII, ...separate(results) };
}

function personOf(
  people: MatStruct,
  p: number,
  { id, imageId, fileName }: Pick<MpiiRecord, 'id' | 'imageId' | 'fileName'>,
  where: string,
): Person | Skip {
  const annopoints = people.at(p, 'annopoints');
  const position = people.at(p, 'objpos');
  const scale = people.at(p, 'scale');
  if (annopoints?.kind !== 'struct' || position?.kind !== 'struct' || annopoints.length === 0) {
    return { reason: 'no-annotation', id, fileName, detail: 'the record has no annopoints or no objpos.' };
  }
  const joints = structOf(annopoints.at(0, 'point'), `${where}.annopoints.point`);
  const points: MpiiRecord['points'][number][] = MPII.names.map(() => undefined);
  for (let j = 0; j < joints.length; j++) {
    const place = `${where}.annopoints.point(${j + 1})`;
    const k = numberOf(joints.at(j, 'id'), `${place}.id`);
    if (!Number.isInteger(k) || k < 0 || k >= points.length) {
      throw new DatasetError(`${place}.id: must be a joint from 0 to 15. Received: ${k}.`);
    }
    const visible = flagOf(joints.at(j, 'is_visible'));
    points[k] = [numberOf(joints.at(j, 'x'), `${place}.x`), numberOf(joints.at(j, 'y'), `${place}.y`), visible ? 2 : 1];
  }
  const corners = ['x1', 'y1', 'x2', 'y2'].map((field) => people.at(p, field));
  const known = corners.every((corner) => corner?.kind === 'numeric' && corner.data.length === 1);
  return mpiiPerson({
    id,
    imageId,
    fileName,
    center: [numberOf(position.at(0, 'x'), `${where}.objpos.x`), numberOf(position.at(0, 'y'), `${where}.objpos.y`)],
    scale: numberOf(scale, `${where}.scale`),
    points,
    ...(known && {
      headBox: corners.map((corner, i) => numberOf(corner, `${where}.${['x1', 'y1', 'x2', 'y2'][i]}`)) as never,
    }),
  });
}

function structOf(value: MatValue | undefined, where: string): MatStruct {
  if (value?.kind !== 'struct') {
    throw new DatasetError(`${where}: must be a struct. Received: ${value?.kind ?? 'nothing'}.`);
  }
  return value;
}

function numberOf(value: MatValue | undefined, where: string): number {
  const number = value?.kind === 'numeric' && value.data.length === 1 ? Number(value.data[0]) : NaN;
  if (!Number.isFinite(number)) {
    throw new DatasetError(
      `${where}: must be one finite number. Received: ${value === undefined ? 'nothing' : `${value.kind} [${value.shape}]`}.`,
    );
  }
  return number;
}

function textOf(value: MatValue | undefined, where: string): string {
  if (value?.kind !== 'text' || value.rows.length !== 1) {
    throw new DatasetError(`${where}: must be text. Received: ${value?.kind ?? 'nothing'}.`);
  }
  return value.rows[0]!;
}

function flagOf(value: MatValue | undefined): boolean {
  if (value?.kind === 'text') return value.rows[0] !== '0';
  return value?.kind === 'numeric' && value.data.length > 0 ? Number(value.data[0]) !== 0 : true;
}
