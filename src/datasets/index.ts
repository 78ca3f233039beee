/**
 * From annotations to batches: readers of COCO, MPII and Leeds Sports Poses, crops of people, augmentation, synthetic people, and checks of annotations.
 *
 * @packageDocumentation
 */
export { categoryKeypointSet } from '../coco';
export { readCoco, type ReadCocoOptions } from './coco/read-coco';
export { readBoxes, type ImageBoxes, type ReadBoxesOptions } from './coco/read-boxes';
export { readDetections, type DetectedPerson, type ReadDetectionsOptions } from './coco/read-detections';
export { streamCoco, type StreamCocoOptions } from './coco/stream-coco';
export { writeCoco } from './coco/write-coco';
export type { CocoCategory, CocoFile, CocoImage, CocoPersonRecord } from '../coco';
export {
  augmentSample,
  type AugmentedSample,
  type AugmentOptions,
  type HalfBodyOptions,
  type PixelChanges,
} from './augment';
export { cropImage, type CropImageOptions } from './crop-image';
export { DatasetError } from './fields';
export { rgbImage, type RawImage, type RgbImage } from './image';
export {
  denormalized,
  NORMALIZATIONS,
  normalizationOf,
  type Normalization,
  type NormalizationName,
} from './normalization';
export type { Person, PoseDataset, Skip, SkipReason } from './person';
export { PROPOSAL_ERRORS, proposalJitter, type ProposalJitterOptions, type SideError } from './proposal-jitter';
export { epochOrder, personCrop, personRegion, personWindowCrop } from './plan';
export { wholeImageCrop } from './whole-image-crop';
export { topDown, type Batch, type BatchOptions, type TopDownOptions } from './top-down';
export { syntheticScene, type Scene, type SceneOptions } from './synthetic/scene';
export { syntheticPeople, type SyntheticDataset, type SyntheticPeopleOptions } from './synthetic/synthetic-people';
export { syntheticWalk, type SyntheticWalk, type SyntheticWalkOptions } from './synthetic/walk';
export { joinDatasets, type JoinedPart } from './join-datasets';
export { lspSplit } from './leeds/lsp-split';
export { readLsp, type ReadLspOptions } from './leeds/read-lsp';
export { readMat, type ReadMatOptions } from './matlab/read-mat';
export type { MatArray, MatCell, MatNumeric, MatOther, MatStruct, MatText, MatValue } from './matlab/values';
export { readMpii, type ReadMpiiOptions } from './mpii/read-mpii';
export { readMpiiMat, type ReadMpiiMatOptions } from './mpii/read-mpii-mat';
export { diagnose, type DiagnosedPerson, type Diagnosis } from './doctor/diagnose';
export { fixCoco, type Change } from './doctor/fix';
export { ADVICE, type Check, type Finding } from './doctor/finding';
export { previewHtml, previewSvg, type PreviewDrawing } from './preview/preview';
export { previewSamples, samplesOfBatch, type PreviewOptions, type PreviewSample } from './preview/preview-samples';
export { convertDataset } from './convert-dataset';
export { holdOut, usualSplit, type DividedDataset } from './hold-out';
