/**
 * Losses, optimisers, schedules, `fit`, validation, checkpoints, guards, fine-tuning.
 *
 * @packageDocumentation
 */
export type { Loss } from './losses/loss';
export { jointsMse } from './losses/joints-mse';
export { oneHotKeypointLoss } from './losses/one-hot-keypoint';
export { ohkm } from './losses/ohkm';
export { intermediateSupervision } from './losses/intermediate-supervision';
export { adaptiveWing, type AdaptiveWingOptions } from './losses/adaptive-wing';
export { coordinateRegression, type CoordinateRegressionOptions } from './losses/coordinate-regression';
export { cpnLoss, type CpnLossOptions } from './losses/cpn-loss';
export { diskOffsetLoss, type DiskOffsetLossOptions } from './losses/disk-offset-loss';
export { simccKl } from './losses/simcc-kl';
export { softArgmaxRegression, type SoftArgmaxRegressionOptions } from './losses/soft-argmax-regression';
export { stopGradient } from '../engines';

export {
  decaysKernelsOnly,
  StatefulOptimizer,
  type OptimizerConfig,
  type OptimizerOptions,
} from './optimizers/stateful-optimizer';
export { adam, AdamOptimizer, adamw, type AdamOptions } from './optimizers/adam';
export { radam, RAdamOptimizer, type RAdamOptions } from './optimizers/radam';
export { rmsprop, RmspropOptimizer, type RmspropOptions } from './optimizers/rmsprop';
export { sgd, SgdOptimizer, type SgdOptions } from './optimizers/sgd';

export type { EpochRecord, Schedule } from './schedules/schedule';
export { everyStep, multiStep, type MultiStepOptions } from './schedules/multi-step';
export { cosine } from './schedules/cosine';
export { warmUp } from './schedules/warm-up';
export { compose, constant, repeated, scaled } from './schedules/compose';
export { plateau, type PlateauOptions } from './schedules/plateau';
export { iterativeSchedule, type IterativeOptions, type IterativeSchedule } from './schedules/iterative-schedule';

export { fit } from './fit/fit';
export type { FitOptions, FitResult } from './fit/fit-options';
export type { Callback, EpochEvent, StartEvent, StepEvent } from './fit/callbacks';
export { trainingPass } from './pass/training-pass';
export { earlyStop } from './fit/early-stop';
export type { Best } from './fit/run-state';
export {
  disposeBatch,
  withTargets,
  type Batches,
  type Encoder,
  type EpochSource,
  type PeopleBatch,
  type TrainingBatch,
} from './fit/training-batch';

export {
  clipByGlobalNorm,
  clipByValue,
  gradientAccumulator,
  trainableVariables,
  type GradientAccumulator,
} from './gradients/gradients';
export { minimizeAccumulated } from './gradients/minimize-accumulated';
export { weightAverage, type WeightAverage, type WeightAverageOptions } from './gradients/weight-average';

export {
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type CheckpointContents,
} from './checkpoint/checkpoint-file';
export { memoryStore, type CheckpointStore } from './checkpoint/checkpoint-store';
export { assignWeights, readWeights, variablesOf, type NamedWeights } from './checkpoint/named-weights';
export type { Resumable } from './checkpoint/resumable';
export { readBest, type CheckpointOptions } from './checkpoint/run-checkpoints';

export { newRun, type RunState } from './fit/run-state';
export { applyGradients } from './fit/train-step';
export { epochRecord, stepRecord, type LogRecord } from './logs/log-record';
export { formatDuration, formatProgress, progress, type Progress, type ProgressOptions } from './logs/progress';
export { tensorboardEvent, type TensorboardEvent } from './logs/tensorboard-event';
export { captureTraining, restoreTraining, type Resumed } from './checkpoint/training-checkpoint';
export {
  predictOutput,
  predictPeople,
  validateAp,
  validatePck,
  poseMetrics,
  validatePoses,
  type ApValidationOptions,
  type PckValidationOptions,
  type PosePrediction,
  type ValidationOptions,
  type Predictor,
} from './validation/validate';
export {
  measureBatchPck,
  measureTorsoPck,
  validateBatchPck,
  validateTorsoPck,
  type BatchPckValidationOptions,
} from './validation/validate-leeds';

export { TrainingFault, type Fault, type GuardOptions } from './guards/fault';
export { guardHeatmaps, type HeatmapGuardOptions } from './guards/guard-heatmaps';
export { guardLeaks } from './guards/guard-leaks';
export { guardLearningRate, type LearningRateGuardOptions } from './guards/guard-learning-rate';
export { guardLoss, type LossGuardOptions } from './guards/guard-loss';
export { guardPairs, type PairGuardOptions } from './guards/guard-pairs';
export { inspectHeatmaps, type HeatmapInspection } from './guards/inspect-heatmaps';
export { standardGuards } from './guards/standard-guards';
export { overfit, type OverfitOptions, type OverfitReport } from './guards/overfit';

export { freeze, unfreeze, type FreezeReport, type FrozenStatistics, type LayerMatch } from '../graph';
export { loadWeights, type WeightsReport } from './fine-tuning/load-weights';
export { quietOutputs } from './fine-tuning/quiet-outputs';
export { discriminativeRates } from './fine-tuning/discriminative-rates';
export { loadFitting } from './fine-tuning/load-fitting';
export { newHead } from './fine-tuning/new-head';

export { reviewPeople, type Review, type ReviewedPerson, type ReviewOptions } from './report/review-people';
export { trainingAdvice, type RunMetrics } from './report/training-advice';
export { trainingReport, type TrainingReportOptions } from './report/training-report';
