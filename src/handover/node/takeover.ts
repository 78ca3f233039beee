import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readZip } from '../../bytes';
import { poseModel, type PoseModel } from '../../models';
import { loadPoseModelFile } from '../../models/node';
import { takeWeights } from '../take-weights';
import { readHandover } from './check-handover';

export interface TakeoverOptions {
  /** Which weights of a run: the best epoch's, or those of the last checkpoint. @defaultValue `'best'`, `'last'` where no epoch is done */
  readonly which?: 'best' | 'last';
  /** The folder that `writeHandover` wrote, where the file does not lie in its `run`. */
  readonly handover?: string;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The `.keras` file that is meant, and the hand-over that it belongs to. */
async function locate(path: string, { which, handover }: TakeoverOptions): Promise<{ file: string; folder: string }> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`takeover: the folder of a hand-over or a .keras file must be given. Received: ${path}.`, {
      cause,
    });
  });
  if (found.isFile()) {
    const near = [dirname(path), dirname(dirname(path))];
    for (const folder of handover === undefined ? near : [handover]) {
      if (await exists(join(folder, 'handover.json'))) return { file: path, folder };
    }
    throw new Error(
      `takeover: handover.json must lie beside ${path} or in the folder above. Received: none. Say where it is.`,
    );
  }
  const run = (await exists(join(path, 'handover.json'))) ? join(path, 'run') : path;
  const names = which === undefined ? ['best', 'last'] : [which];
  for (const name of names) {
    const file = join(run, `${name}.keras`);
    if (await exists(file)) return locate(file, { ...(handover !== undefined && { handover }) });
  }
  throw new Error(
    `takeover: ${run} must hold ${names.join('.keras or ')}.keras. Received: neither. Has train.py saved yet?`,
  );
}

/** What train.py wrote into the file beside the weights. */
function runOf(keras: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  const text = readZip(keras, file).get('poseblocks.json');
  if (text === undefined) {
    throw new Error(
      `takeover: ${file} must be of train.py, which says in it how it was trained. Received: a file that does not.`,
    );
  }
  const {
    format: _format,
    version: _version,
    ...run
  } = JSON.parse(new TextDecoder().decode(text)) as Record<string, unknown>;
  return run;
}

/**
 * Takes back what `train.py` trained: the network as it was handed over, grouped convolutions included, with the new weights, and with the codec,
 * normalisation and crop rule that belong to it. Its provenance says where it was trained, for how many steps, and with which settings. A run that is not
 * done, or was cut off, can be taken over as well.
 *
 * @param path the folder that was handed over, the folder of a run, or a `.keras` file.
 * @throws Error when there is no such file, or no hand-over that it belongs to; RangeError as `takeWeights`.
 * @example
 * import { takeOver } from 'poseblocks/handover/node';
 * const model = await takeOver('handover');
 * const estimator = await createEstimator(model);
 */
export async function takeOver(path: string, options: TakeoverOptions = {}): Promise<PoseModel> {
  const { file, folder } = await locate(path, options);
  const keras = await readFile(file);
  const run = runOf(keras, file);
  const { optimizer, schedule, loss, batchSize, seed, augmentation, average } = await readHandover(folder);
  const start = await loadPoseModelFile(join(folder, 'start.safetensors'));
  try {
    await takeWeights(start.network, keras);
    const training = { ...run, source: file, optimizer, schedule, loss, batchSize, seed, augmentation, average };
    const { metrics } = run as { metrics?: Record<string, number> };
    return poseModel({ ...start, provenance: { ...start.provenance, ...(metrics && { metrics }), training } });
  } catch (error) {
    start.network.dispose();
    throw error;
  }
}
