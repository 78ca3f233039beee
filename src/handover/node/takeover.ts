import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readZip } from '../../bytes';
import { poseModel, type PoseModel } from '../../models';
import { loadPoseModelFile } from '../../models/node';
import { takeWeights } from '../take-weights';
import { readHandover } from './check-handover';

/** Options of {@link takeOver}. */
export interface TakeoverOptions {
  /** The weights of a run to take: the best epoch's, or those of the last checkpoint. @defaultValue `'best'`, or `'last'` where no epoch is complete */
  readonly which?: 'best' | 'last';
  /** The folder that `writeHandover` wrote, where the file is not in its `run`. */
  readonly handover?: string;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The selected `.keras` file, and its hand-over. */
async function locate(path: string, { which, handover }: TakeoverOptions): Promise<{ file: string; folder: string }> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`takeover: the path must be the folder of a hand-over or a .keras file. Received: ${path}.`, {
      cause,
    });
  });
  if (found.isFile()) {
    const near = [dirname(path), dirname(dirname(path))];
    for (const folder of handover === undefined ? near : [handover]) {
      if (await exists(join(folder, 'handover.json'))) return { file: path, folder };
    }
    throw new Error(
      `takeover: handover.json must be beside ${path} or in the folder above. Received: none. Pass its folder.`,
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

/** The records that train.py wrote into the file beside the weights. */
function runOf(keras: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  const text = readZip(keras, file).get('poseblocks.json');
  if (text === undefined) {
    throw new Error(
      `takeover: ${file} must be written by train.py, which records its training in it. Received: a file without that record.`,
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
 * Imports the result of `train.py`: the network as it was handed over, including grouped convolutions, with the new weights and its codec,
 * normalisation and crop rule. Its provenance records where it was trained, for how many steps, and with which settings. A run that is
 * unfinished or was interrupted can be imported too.
 *
 * @param path the folder of the hand-over, the folder of a run, or a `.keras` file.
 * @throws Error when the file or its hand-over does not exist; RangeError as `takeWeights` does.
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
    // the run's own schedule, where `--hours` has changed it, comes last
    const training = { source: file, optimizer, schedule, loss, batchSize, seed, augmentation, average, ...run };
    const { metrics } = run as { metrics?: Record<string, number> };
    return poseModel({ ...start, provenance: { ...start.provenance, ...(metrics && { metrics }), training } });
  } catch (error) {
    start.network.dispose();
    throw error;
  }
}
