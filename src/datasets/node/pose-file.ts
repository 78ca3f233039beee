import { readFile } from 'node:fs/promises';
import { plainText } from '../../coco';
import { inDataset, readCoco } from '../coco/read-coco';
import { DatasetError, parseJson } from '../fields';
import { readLsp } from '../leeds/read-lsp';
import { readMat } from '../matlab/read-mat';
import { readMpii } from '../mpii/read-mpii';
import { readMpiiMat } from '../mpii/read-mpii-mat';
import type { PoseDataset } from '../person';
import { withFile } from './with-file';

/** The annotation formats that can be detected from a file's contents. */
export const POSE_FILE_FORMATS = ['coco', 'mpii', 'lsp'] as const;
/** Formats that {@link readPoseFile} recognises. */
export type PoseFileFormat = (typeof POSE_FILE_FORMATS)[number];

/**
 * Reads annotations of any supported format, detected from the file's contents, not from its name: COCO's JSON, MPII's JSON or MATLAB file, `joints.mat` of
 * Leeds Sports Poses and of its extended set.
 *
 * @param path of the annotation file
 * @param options `format` skips the detection; errors then refer to that format.
 * @throws DatasetError naming the file, when it cannot be read or has none of these formats.
 * @example const { persons, keypointSet, format } = await readPoseFile('joints.mat'); // format: 'lsp'
 */
export async function readPoseFile(
  path: string,
  { format: asked }: { readonly format?: PoseFileFormat } = {},
): Promise<PoseDataset & { readonly format: PoseFileFormat }> {
  const bytes = new Uint8Array(await withFile(path, () => readFile(path)));
  const source = path;
  if (isMatlab(bytes)) {
    const format = asked ?? (await formatOfMat(bytes, source));
    const read = { mpii: readMpiiMat, lsp: readLsp, coco: refuseMat }[format];
    return { ...(await read(bytes, { source })), format };
  }
  const json = parseJson(
    inDataset(() => plainText(bytes, path)),
    path,
  );
  const format = asked ?? formatOfJson(json, path);
  if (format === 'lsp')
    throw new DatasetError(`${path}: must be joints.mat of Leeds Sports Poses. Received: JSON. Read it as coco or mpii.`); // prettier-ignore
  const dataset = format === 'mpii' ? readMpii(json as readonly object[], { source }) : readCoco(json as object, { source }); // prettier-ignore
  return { ...dataset, format };
}

/** "MATLAB 5.0 MAT-file" starts the header of every version 5 file. */
const isMatlab = (bytes: Uint8Array): boolean => new TextDecoder('latin1').decode(bytes.subarray(0, 6)) === 'MATLAB';

async function formatOfMat(bytes: Uint8Array, source: string): Promise<PoseFileFormat> {
  if ((await readMat(bytes, { source, variables: ['joints'] })).has('joints')) return 'lsp';
  if ((await readMat(bytes, { source, variables: ['RELEASE'] })).has('RELEASE')) return 'mpii';
  throw new DatasetError(
    `${source}: must hold "joints" (Leeds Sports Poses) or "RELEASE" (MPII). Received: a MATLAB file with neither.`,
  );
}

const refuseMat = async (_: Uint8Array, { source }: { source: string }): Promise<PoseDataset> => {
  throw new DatasetError(`${source}: must be COCO's JSON. Received: a MATLAB file. Read it as mpii or lsp.`);
};

/** A list of records with joints is MPII's; an object with annotations is COCO's. */
function formatOfJson(json: unknown, path: string): PoseFileFormat {
  if (Array.isArray(json)) {
    const [first] = json as readonly unknown[];
    const keys = typeof first === 'object' && first !== null ? Object.keys(first) : [];
    if (keys.includes('image') && (keys.includes('joints') || keys.includes('center'))) return 'mpii';
    const what = keys.includes('keypoints') || keys.includes('bbox') ? 'a list of results, which predictions are' : `a list of ${json.length === 0 ? 'nothing' : `records with ${keys.slice(0, 6).join(', ')}`}`; // prettier-ignore
    throw new DatasetError(`${path}: must be annotations of COCO ({ images, annotations, categories }) or MPII (records with image and joints). Received: ${what}.`); // prettier-ignore
  }
  return 'coco';
}
