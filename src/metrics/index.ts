/**
 * COCO's AP and AR, OKS, PCK, PCKh and more, on plain arrays, equal to the official evaluations; parameters and multiply–adds of networks.
 *
 * @packageDocumentation
 */
export { CocoAccumulator } from './coco/accumulator';
export { evaluateAccumulator, evaluateCoco, type CocoEvaluation } from './coco/evaluate-coco';
export type { CocoNmsOptions, CocoOptions, CocoParams, RescoreOptions } from './coco/options';
export type { CocoAnnotation, CocoDataset, CocoResult } from '../coco';
export type { CocoSummary } from './coco/summary';
export { toCocoResult, type ToCocoResultOptions } from './coco/to-coco-result';
export { oks, type OksOptions } from './oks';
export type { PoseInput, PoseLike } from './pose';
export { predictionOks, suppressDuplicates, type SuppressOptions } from './suppress';
export { visibleMean } from './visible-mean';
export {
  DistanceAccumulator,
  type DistanceAccumulatorOptions,
  type DistanceState,
} from './distance/distance-accumulator';
export { meanPose, type BoxedPose } from './distance/mean-pose';
export { heatmapPck, type HeatmapPckOptions } from './distance/heatmap-pck';
export type { KeypointMetrics, Weighting } from './distance/keypoint-metrics';
export { longerSides, mpiiHeadSizes, torsoDiameters } from './distance/normalizers';
export { pck, pckOf, type PckOptions } from './distance/pck';
export { pckh, pckhAccumulator, pckhOf, type MpiiGroup, type PckhMetrics, type PckhOptions } from './distance/pckh';
export { cocoMatches, type CocoMatch } from './coco/matches';
export { precisionRecall, type PrecisionRecallCurve } from './coco/curves';
export { cocoPerKeypoint, type CocoKeypointMetrics } from './coco/per-keypoint';
export { averagePrecision, type CocoSelection } from './coco/summary';
export { cocoTable, type CocoTableRow } from './coco/table';
export { activationMemory, type ActivationMemory, type ActivationMemoryOptions } from './complexity/activation-memory';
export {
  countMacs,
  countMacsOfPaper,
  countParams,
  countRunningStatistics,
  countTrainableParams,
} from './complexity/counts';
export { summary, type SummaryOptions } from './complexity/summary';
export { auc, aucOf, type AucOptions, type AucRule } from './distance/auc';
export { BatchPckAccumulator, type BatchPckMetrics, type BatchPckState } from './distance/batch-pck';
export { observerCentric } from './leeds/observer-centric';
export { pairedSides } from './leeds/paired-sides';
export { torsoPck, type TorsoPckMetrics, type TorsoPckOptions } from './leeds/torso-pck';
export { epe, epeOf, nme, nmeOf } from './distance/mean-error';
export { pdj } from './distance/pdj';
export { cocoAccumulatorFromBytes, cocoAccumulatorToBytes } from './coco/accumulator-bytes';
export { addAnnotationsJson, addResultsJson, type JsonOptions } from './coco/read-json';
export type { ByteChunks } from '../coco';
export { cocoPairs, type CocoPairs, type CocoPairsOptions } from './coco/pairs';
export { cocoWorst, type CocoWorst, type CocoWorstOptions, type CocoWorstPerson } from './coco/worst';
export { estimateSigmas, type EstimatedSigmas } from './coco/estimate-sigmas';
export { evaluationReport, type EvaluationReportOptions } from './report/evaluation-report';
export { cocoErrors, type CocoErrorKind, type CocoErrors, type CocoErrorsOptions } from './coco/errors';
export type { KeypointErrorKind } from './coco/classify-keypoints';
