import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { toFloat16 } from '../../bytes';
import { apart, poseMetadata, type ExportSource } from '../pose-metadata';

/** Options of {@link exportTfjs}. */
export interface ExportTfjsOptions {
  /** Type of the stored weights; float16 halves the file and is converted to float32 on loading. @defaultValue 'float32' */
  readonly weights?: 'float32' | 'float16';
}

/**
 * Exports a network as the two files of TensorFlow.js, which `loadLayersModel` of `@tensorflow/tfjs-layers` opens after `registerLayers()` of `poseblocks/heads`. The
 * records of a pose model are in `userDefinedMetadata`.
 *
 * @returns the files by name.
 * @throws RangeError for weights too large for float16.
 * @example for (const [name, bytes] of Object.entries(await exportTfjs(model))) await writeFile(`lpn-50/${name}`, bytes);
 */
export async function exportTfjs(
  source: ExportSource,
  { weights = 'float32' }: ExportTfjsOptions = {},
): Promise<{ readonly 'model.json': Uint8Array; readonly 'weights.bin': Uint8Array }> {
  const { network, parts } = apart(source);
  const artifacts = await artifactsOf(network);
  const data = new Uint8Array(io.CompositeArrayBuffer.join(artifacts.weightData));
  const specs = artifacts.weightSpecs ?? [];
  const half = weights === 'float16';
  if (specs.some(({ dtype }) => dtype !== 'float32'))
    throw new RangeError(`exportTfjs: weights must be float32. Received: ${specs.find(({ dtype }) => dtype !== 'float32')!.dtype}.`); // prettier-ignore
  const json = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy ?? 'poseblocks',
    convertedBy: null,
    modelTopology: artifacts.modelTopology,
    userDefinedMetadata: poseMetadata(parts),
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: half
          ? specs.map((spec) => ({ ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } }))
          : specs,
      },
    ],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    'weights.bin': half ? halves(data) : data,
  };
}

async function artifactsOf(network: LayersModel): Promise<io.ModelArtifacts> {
  let found: io.ModelArtifacts | undefined;
  await network.save({
    save: async (artifacts) => {
      found = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return found!;
}

function halves(bytes: Uint8Array): Uint8Array {
  const values = new Float32Array(bytes.slice().buffer);
  const large = values.find((value) => Math.abs(value) >= 65520);
  if (large !== undefined)
    throw new RangeError(`exportTfjs: weights must be below 65,520 to be stored as float16. Received: ${large}.`);
  return new Uint8Array(toFloat16(values).buffer);
}
