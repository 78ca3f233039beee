export type { Loss, Prediction } from './losses/loss';
export { jointsMse } from './losses/joints-mse';
export { ohkm } from './losses/ohkm';
export { intermediateSupervision } from './losses/intermediate-supervision';
export { adaptiveWing, type AdaptiveWingOptions } from './losses/adaptive-wing';
export { simccKl, type AxisPair } from './losses/simcc-kl';
export { softArgmaxRegression, type SoftArgmaxRegressionOptions } from './losses/soft-argmax-regression';
export { stopGradient } from './losses/stop-gradient';

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
export { earlyStop } from './fit/early-stop';
export type { Best } from './fit/run-state';
export {
  disposeBatch,
  withTargets,
  type Batches,
  type Encode,
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
export { weightAverage, type WeightAverage, type WeightAverageOptions } from './gradients/weight-average';

export {
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type CheckpointContents,
} from './checkpoint/checkpoint-file';
export { memoryStore, type CheckpointStore } from './checkpoint/checkpoint-store';
export { assignWeights, readWeights, variablesOf, type NamedWeights } from './checkpoint/named-weights';
export { resumableRandom, type Resumable } from './checkpoint/resumable-random';
export { readBest, runCheckpoints, type CheckpointOptions, type RunCheckpoints } from './checkpoint/run-checkpoints';

export { crc32c } from './checkpoint/crc32c';
export { newRun, type RunState } from './fit/run-state';
export { applyGradients, lossAndGradients, setLearningRate } from './fit/train-step';
export { epochRecord, stepRecord, type LogRecord } from './logs/log-record';
export { formatDuration, formatProgress, progress, type Progress, type ProgressOptions } from './logs/progress';
export { tensorboardEvent, type TensorboardEvent } from './logs/tensorboard-event';
export { captureTraining, restoreTraining, type Resumed } from './checkpoint/training-checkpoint';
export {
  predictHeatmaps,
  predictPeople,
  validateAp,
  validatePck,
  type PosePrediction,
  type ValidationOptions,
} from './validation/validate';
