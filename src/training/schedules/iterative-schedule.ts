import { multiStep } from './multi-step';
import type { EpochRecord, Schedule } from './schedule';

/** Options of {@link iterativeSchedule}. */
export interface IterativeOptions {
  /** Number of stages, including the first. @defaultValue 7 */
  readonly stages?: number;
  /** The epoch at which every stage ends. @defaultValue 150 */
  readonly epochs?: number;
  /** The epoch at which every stage but the first starts. @defaultValue 60 */
  readonly restart?: number;
  /** The rate within a stage, by the epoch of the stage. @defaultValue 1e-3, ×0.1 at 90 and at 120 */
  readonly schedule?: Schedule;
}

/** A schedule in stages, and where its stages begin. */
export interface IterativeSchedule {
  /** The rate, by the epoch counted over all stages. */
  (time: number, history?: readonly EpochRecord[]): number;
  /** Epochs of all stages together: 690 = 150 + 6·90. */
  readonly epochs: number;
  /** The stage of an epoch, counted from 0, and the epoch within that stage. */
  stageAt(time: number): { readonly stage: number; readonly epoch: number };
  /** Whether a stage after the first starts with this epoch: load the best weights of the previous stage and reset the optimiser. */
  startsStage(epoch: number): boolean;
}

/**
 * The iterative training strategy of LPN: the usual schedule, then repeatedly from its 60th epoch, each stage from
 * the best model of the previous stage, with learning rate and optimiser state reset.
 *
 * Zhang et al., "Simple and Lightweight Human Pose Estimation", 2019, section 3.3, https://arxiv.org/abs/1911.10346. The
 * paper says "reset the learning rate"; the new optimiser is our interpretation. The best epoch is the one with the highest
 * validation AP of that stage.
 *
 * @throws RangeError when stages is not a positive integer, or restart is not in [0, epochs).
 * @example
 * const schedule = iterativeSchedule();
 * schedule(150); // 1e-3: the first epoch of stage 1
 * schedule.stageAt(150); // { stage: 1, epoch: 60 }
 */
export function iterativeSchedule(options: IterativeOptions = {}): IterativeSchedule {
  const { stages = 7, epochs = 150, restart = 60 } = options;
  const schedule = options.schedule ?? multiStep({ rate: 1e-3, milestones: [90, 120] });
  if (!(Number.isInteger(stages) && stages > 0)) {
    throw new RangeError(`iterativeSchedule: stages must be a positive integer. Received: ${stages}.`);
  }
  if (!(restart >= 0 && restart < epochs)) {
    throw new RangeError(`iterativeSchedule: restart must lie in [0, ${epochs}). Received: ${restart}.`);
  }
  const length = epochs - restart;
  const stageAt = (time: number): { stage: number; epoch: number } => {
    if (time < epochs) return { stage: 0, epoch: time };
    const stage = Math.min(Math.floor((time - epochs) / length) + 1, stages - 1);
    return stage === 0 ? { stage, epoch: time } : { stage, epoch: time - epochs - (stage - 1) * length + restart };
  };
  const rate = (time: number, history?: readonly EpochRecord[]): number => schedule(stageAt(time).epoch, history);
  return Object.assign(rate, {
    epochs: epochs + (stages - 1) * length,
    stageAt,
    startsStage: (epoch: number) => epoch > 0 && stageAt(epoch).stage !== stageAt(epoch - 1).stage,
  });
}
