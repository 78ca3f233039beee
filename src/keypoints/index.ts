/**
 * Keypoints with their frame of reference, and keypoint sets (COCO, MPII, Leeds Sports Poses and others) as data.
 *
 * @packageDocumentation
 */
export { keypointsOf, type Box, type Frame, type Keypoints, type Size } from './keypoints';
export { keypointSet, type KeypointSet, type KeypointSetDefinition } from './keypoint-set';
export { definitionOf } from './definition-of';
export { flipPairsOf, keypointSetFromCoco, type CocoCategory } from './coco-category';
export { convertKeypoints, type Derivation } from './convert';
export { exchangePairs, flipKeypoints, mirrorOrder } from './mirror';
export { AP10K } from './sets/ap10k';
export { COCO } from './sets/coco';
export { COCO_SIGMAS } from './sets/coco-sigmas';
export { CROWDPOSE } from './sets/crowdpose';
export { FACE_68 } from './sets/face68';
export { HAND_21 } from './sets/hand21';
export { LSP, LSP_EXTENDED } from './sets/lsp';
export { MPII } from './sets/mpii';
