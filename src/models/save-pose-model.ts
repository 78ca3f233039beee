import { poseMetadata, stateDict, writeSafetensors } from '../interop';
import type { PoseModel } from './pose-model';
import { topologyOf } from './topology';

export interface SavePoseModelOptions {
  /**
   * How weights are kept. Halves take half the room and move decoded keypoints by some hundredths of a pixel; `int8` takes a quarter, filters in whole numbers
   * by output channel, which are expanded on loading.
   *
   * @defaultValue 'float32'
   */
  readonly dtype?: 'float32' | 'float16' | 'int8';
}

/**
 * A pose model as one file: safetensors, with PyTorch's names and layouts, and all else as JSON in its header. The format is written down in `docs/pose-models.md`.
 *
 * @throws TypeError when the codec holds a function of your own; RangeError for weights too large for float16.
 * @example
 * import { savePoseModel } from 'poseblocks/models';
 * const bytes = await savePoseModel(model, { dtype: 'float16' });
 */
export async function savePoseModel(
  model: PoseModel,
  { dtype = 'float32' }: SavePoseModelOptions = {},
): Promise<Uint8Array> {
  const metadata = poseMetadata(model, { topology: topologyOf(model.network) });
  return writeSafetensors(await stateDict(model.network, { complete: true }), { dtype, metadata });
}
