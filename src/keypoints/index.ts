export { keypointsOf, type Box, type Frame, type Keypoints, type Size } from './keypoints';
export { keypointSet, type KeypointSet, type KeypointSetDefinition } from './keypoint-set';
export { COCO, LSP, MPII } from './sets';
