/**
 * Pose models in files. For Node.
 *
 * @packageDocumentation
 */
import { readFile } from 'node:fs/promises';
import { loadPoseModel, savePoseModel, type PoseModel, type SavePoseModelOptions } from '..';
import { writeFileWhole } from './write-file';

/**
 * Opens a pose model from a file, as `loadPoseModel` does from bytes.
 *
 * @param path of the file, or of a run's folder, whose `best.safetensors` is opened.
 * @throws Error naming the path when it cannot be read; PoseModelError as `loadPoseModel` does.
 * @example
 * import { loadPoseModelFile } from 'poseblocks/models/node';
 * const model = await loadPoseModelFile('out/lpn-50/best.safetensors');
 */
export async function loadPoseModelFile(path: string): Promise<PoseModel> {
  return loadPoseModel(await readModelFile(path));
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EISDIR') return readModelFile(`${path.replace(/[\\/]$/, '')}/best.safetensors`);
    throw new Error(`loadPoseModelFile: the file must be readable. Received: ${path} (${code ?? message}).`, { cause });
  }
}

/**
 * Writes a pose model to a file. The previous file stays intact until the new one is complete.
 *
 * @throws Error naming the path when it cannot be written; also throws as `savePoseModel` does.
 * @example
 * import { savePoseModelFile } from 'poseblocks/models/node';
 * await savePoseModelFile('lpn-50.safetensors', model, { dtype: 'float16' });
 */
export async function savePoseModelFile(
  path: string,
  model: PoseModel,
  options: SavePoseModelOptions = {},
): Promise<void> {
  await writeFileWhole(path, await savePoseModel(model, options));
}
