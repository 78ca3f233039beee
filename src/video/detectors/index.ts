export type { DetectorOptions } from './detector-options';
export type { DetectorModel } from './graph-model';
export { moveNetDetector, type MoveNetOptions } from './move-net';
export { nanoDetDetector } from './nano-det';
export {
  YOLO_V10,
  YOLO_V5,
  YOLO_V8,
  yoloDetector,
  type OnnxSession,
  type OnnxTensorClass,
  type YoloLayout,
  type YoloOptions,
} from './yolo';
