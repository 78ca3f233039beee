import { readFile } from 'node:fs/promises';
import { loadPoseModelFile } from '../../models/node';
import type { Provenance } from '../../models';
import { createEstimator, type Estimator, type EstimatorOptions } from '..';

/** An estimator that owns its network: `dispose` frees the network too. */
export interface FileEstimator extends Estimator {
  /** The provenance in the file; empty for an ONNX file without it. */
  readonly provenance: Provenance;
}

/**
 * `createEstimator` for a file: a pose model's `.safetensors`, the folder of a run, or an `.onnx` file from `exportOnnx`, which onnxruntime-node runs.
 *
 * @throws Error naming the path when it cannot be read; also throws as `loadPoseModel` and `createEstimator` do.
 * @example
 * import { estimatorFile } from 'poseblocks/inference/node';
 * const estimator = await estimatorFile('out/lpn-50', { flipTest: true });
 */
export async function estimatorFile(path: string, options: EstimatorOptions = {}): Promise<FileEstimator> {
  if (/\.onnx$/i.test(path)) {
    const onnx = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`estimatorFile: the file must be readable. Received: ${path} (${cause.code ?? cause.message}).`, {
        cause,
      });
    });
    return { ...(await createEstimator({ onnx, runtime: 'node' }, options)), provenance: {} };
  }
  const model = await loadPoseModelFile(path);
  try {
    const estimator = await createEstimator(model, options);
    const dispose = async (): Promise<void> => {
      await estimator.dispose();
      model.network.dispose();
    };
    return { ...estimator, provenance: model.provenance, dispose };
  } catch (error) {
    model.network.dispose();
    throw error;
  }
}
