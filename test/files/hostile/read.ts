import { parseJsonText, readHdf5, readZip } from 'poseblocks/bytes';
import { readCoco, readMat, readMpii } from 'poseblocks/datasets';
import { importKeras, readOnnx, readPth, readSafetensors, safetensorsMetadata } from 'poseblocks/interop';
import { loadPoseModel } from 'poseblocks/models';
import { addAnnotationsJson, CocoAccumulator } from 'poseblocks/metrics';
import { codecFromJSON } from 'poseblocks/targets';
import type { Row } from './rows';

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sigmas = [0.05, 0.05];

/** Every reader of files, by name. */
export const READERS: Readonly<Record<Row['reader'], (bytes: Uint8Array) => unknown>> = {
  pth: (bytes) => readPth(bytes),
  safetensors: readSafetensors,
  metadata: safetensorsMetadata,
  zip: (bytes) => readZip(bytes),
  hdf5: (bytes) => readHdf5(bytes),
  keras: async (bytes) => (await importKeras(bytes)).dispose(),
  'pose-model': async (bytes) => (await loadPoseModel(bytes)).network.dispose(),
  mat: (bytes) => readMat(bytes),
  onnx: readOnnx,
  coco: (bytes) => readCoco(decode(bytes)),
  'coco-eval': (bytes) => addAnnotationsJson(new CocoAccumulator({ sigmas }), [bytes], { source: 'a.json' }),
  mpii: (bytes) => readMpii(decode(bytes)),
  codec: (bytes) => codecFromJSON(parseJsonText(bytes, 'codec: it') as never),
};
