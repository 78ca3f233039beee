export { keypointsOf, type Box, type Frame, type Keypoints, type Size } from './keypoints';
export { keypointSet, type KeypointSet, type KeypointSetDefinition } from './keypoint-set';
export { flipKeypoints, mirrorOrder } from './mirror';
export { COCO, LSP, MPII } from './sets';
