export { exportOnnx, type ExportOnnxOptions } from './onnx/export-onnx';
export { loadStateDict, stateDict, type LoadReport, type StateDict, type StateTensor } from './state-dict';
