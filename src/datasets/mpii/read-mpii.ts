import { MPII } from '../../keypoints';
import { arrayAt, invalid, numberAt, numbersAt, objectAt, parseJson, stringAt } from '../fields';
import type { Person, PoseDataset, Skip } from '../person';
import { mpiiPerson, separate } from './mpii-person';

/** Options of {@link readMpii}. */
export interface ReadMpiiOptions {
  /** Name of the file in errors. @defaultValue `'annotations'` */
  readonly source?: string;
}

/**
 * Reads MPII annotations in HRNet's JSON form (`train.json`, `valid.json`): an array of `{ image, center,
 * scale, joints, joints_vis }`, joints in MPII's order, 1-based pixels.
 *
 * Coordinates become 0-based; centre and scale become those of the reference crop. `joints_vis` only says whether a joint is
 * annotated: 1 becomes visibility 2. Skipped and reported: records without joints (`test.json`) or without a centre.
 *
 * @throws DatasetError naming the file, the record and the field.
 * @example const { persons } = readMpii(await (await fetch('valid.json')).text());
 */
export function readMpii(
  json: readonly object[] | string,
  { source = 'annotations' }: ReadMpiiOptions = {},
): PoseDataset {
  const records = arrayAt(typeof json === 'string' ? parseJson(json, source) : json, source);
  const images = new Map<string, number>();
  return { keypointSet: MPII, ...separate(records.map((record, i) => mpiiRecord(record, i, source, images))) };
}

/** One record; `images` maps each file name to its number. */
function mpiiRecord(value: unknown, index: number, source: string, images: Map<string, number>): Person | Skip {
  const where = `${source}, [${index}]`;
  const record = objectAt(value, where);
  const fileName = stringAt(record, 'image', where);
  const imageId = images.get(fileName) ?? images.size;
  images.set(fileName, imageId);
  if (record.joints === undefined) {
    return { reason: 'no-annotation', id: index, fileName, detail: 'the record has no joints.' };
  }
  const visible = numbersAt(record, 'joints_vis', where, MPII.names.length);
  const joints = arrayAt(record.joints, `${where}.joints`);
  if (joints.length !== MPII.names.length) {
    throw invalid(`${where}.joints`, `must hold ${MPII.names.length} joints`, joints.length);
  }
  const points = joints.map((joint, k) => {
    const [x, y] = numbersAt({ [k]: joint }, String(k), `${where}.joints`, 2);
    return visible[k]! > 0 ? ([x!, y!, 2] as const) : undefined;
  });
  const [x, y] = numbersAt(record, 'center', where, 2);
  return mpiiPerson({
    id: index,
    imageId,
    fileName,
    center: [x!, y!],
    scale: numberAt(record, 'scale', where),
    points,
  });
}
