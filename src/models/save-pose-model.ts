import { hasFields, knownOptions, requireThat } from '../bytes';
import { poseMetadata, stateDict, writeSafetensors } from '../interop';
import type { PoseModel } from './pose-model';
import { topologyOf } from './topology';

/** Options of {@link savePoseModel}. */
export interface SavePoseModelOptions {
  /**
   * Type of the stored weights. `float16` halves the file and moves decoded keypoints by a few hundredths of a pixel; `int8` is a quarter of the size: filters as integers
   * per output channel, which loading expands.
   *
   * @defaultValue 'float32'
   */
  readonly dtype?: 'float32' | 'float16' | 'int8';
}

/**
 * A pose model as one file: safetensors with PyTorch's names and layouts, and all other records as JSON in its header. `docs/pose-models.md` describes the format.
 *
 * @throws TypeError when the codec holds a function of your own; RangeError for weights too large for float16.
 * @example
 * import { savePoseModel } from 'poseblocks/models';
 * const bytes = await savePoseModel(model, { dtype: 'float16' });
 */
export async function savePoseModel(model: PoseModel, options: SavePoseModelOptions = {}): Promise<Uint8Array> {
  requireThat(
    hasFields(model, 'network', 'codec', 'keypointSet'),
    'savePoseModel',
    'model must be a pose model',
    model,
    'Make one of a network with poseModel({ network, codec, keypointSet }).',
  );
  const { dtype = 'float32' } = knownOptions('savePoseModel', options, ['dtype']);
  const metadata = poseMetadata(model, { topology: topologyOf(model.network) });
  return writeSafetensors(await stateDict(model.network, { complete: true }), { dtype, metadata });
}
