/**
 * A selection for most programs: networks, their codecs and losses, import and export. All functions are in the subpaths, `poseblocks/blocks`,
 * `poseblocks/training` and so on, including those whose names need the context of a subpath: `chain`, `argmax`, `compile`, `fold`.
 *
 * @packageDocumentation
 */
export { useEngine } from './engines';
export {
  buildNetwork,
  cpn,
  grmi,
  hrnet,
  integralRegression,
  keypointRcnn,
  lpn,
  pyranet,
  simpleBaseline,
  stackedHourglass,
} from './networks';
export { deconvHead, registerLayers } from './heads';
export { gaussianCodec } from './targets';
export { loadPoseModel, poseModel, savePoseModel, type PoseModel } from './models';
export { compilePose, createEstimator } from './inference';
export { boxToCrop } from './geometry';
export { flipAverage, oksNms } from './postprocess';
export { readCoco, readLsp, readMpii, syntheticPeople, topDown } from './datasets';
export { adam, fit, jointsMse, radam } from './training';
export { countMacs, countParams, evaluateCoco, oks, pck, pckh } from './metrics';
export {
  exportKeras,
  exportOnnx,
  importKeras,
  loadStateDict,
  readPth,
  readSafetensors,
  stateDict,
  writeSafetensors,
} from './interop';
export { COCO, MPII, type Keypoints, type KeypointSet } from './keypoints';
export { curvesSvg, heatmapGridSvg, poseSvg } from './visualize';
export type { Block } from './blocks';
