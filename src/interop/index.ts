/**
 * Files of other libraries, in and out, with no Python: PyTorch checkpoints, safetensors, ONNX, Keras.
 *
 * @packageDocumentation
 */
export { exportOnnx, type ExportOnnxOptions, type OnnxMetadata } from './onnx/export-onnx';
export { onnxMetadata, readOnnx, type OnnxFile } from './onnx/read-onnx';
export { formatLoadReport, planLoad, type LoadPlan, type LoadReport, type MismatchedKey } from './load-report';
export { loadStateDict, stateDict, type LoadOptions, type StateDict, type StateTensor } from './state-dict';
export {
  parseSafetensors,
  readSafetensors,
  safetensorsMetadata,
  writeSafetensors,
  type SafetensorsParts,
  type WriteSafetensorsOptions,
} from './safetensors/safetensors';
export { readPth } from './torch/read-pth';
export { writePth, type WritePthOptions } from './torch/write-pth';
export { exportTfjs, type ExportTfjsOptions } from './tfjs/export-tfjs';
export {
  poseMetadata,
  POSE_RECORDS_VERSION,
  type ExportCodec,
  type ExportSource,
  type PoseParts,
} from './pose-metadata';
export { exportKeras } from './keras/export-keras';
export { importKeras } from './keras/import-keras';
export { kerasName } from './keras/keras-names';
/** @internal */
export { prefixesOf } from './prefixes';
export { kerasMetadata } from './keras/keras-metadata';
export { checkConnections } from './topology/check-connections';
export { checkShapes } from './topology/check-shapes';
export type { Fail, TfjsModel } from './topology/tfjs-model';
