export { exportOnnx, type ExportOnnxOptions, type OnnxMetadata } from './onnx/export-onnx';
export { readOnnx, type OnnxFile } from './onnx/read-onnx';
export { loadStateDict, stateDict, type LoadReport, type StateDict, type StateTensor } from './state-dict';
export { fold } from './graph/fold';
export type { ActivationKind, Graph, Node as GraphNode, Operation, OperationOf, Sides, Weights } from './graph/graph';
export {
  decodeOperation,
  withDecode,
  withNormalization,
  type GraphNormalization,
  type HeatmapCodecJSON,
} from './graph/pose-ends';
export { graphOf } from './graph/read-network';
