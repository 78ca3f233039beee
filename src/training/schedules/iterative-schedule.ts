import { multiStep } from './multi-step';
import type { EpochRecord, Schedule } from './schedule';

export interface IterativeOptions {
  /** How many stages, the first included. @defaultValue 7 */
  readonly stages?: number;
  /** The epoch at which every stage ends. @defaultValue 150 */
  readonly epochs?: number;
  /** The epoch at which every stage but the first starts. @defaultValue 60 */
  readonly restart?: number;
  /** The rate within a stage, by the stage's own epoch. @defaultValue 1e-3, ×0.1 at 90 and at 120 */
  readonly schedule?: Schedule;
}

export interface IterativeSchedule {
  /** The rate by the epoch counted through all stages. */
  (time: number, history?: readonly EpochRecord[]): number;
  /** Epochs of all stages together: 690 = 150 + 6·90. */
  readonly epochs: number;
  /** Which stage an epoch belongs to, counted from 0, and which epoch of that stage it is. */
  stageAt(time: number): { readonly stage: number; readonly epoch: number };
  /** Whether a stage after the first begins with this epoch: load the previous stage's best and reset the optimiser. */
  startsStage(epoch: number): boolean;
}

/**
 * The iterative training strategy of LPN: the usual schedule, then again and again from its 60th epoch, each stage from
 * the best model of the stage before it, with the learning rate and the optimiser's state reset.
 *
 * Zhang et al., "Simple and Lightweight Human Pose Estimation", 2019, section 3.3, https://arxiv.org/abs/1911.10346. The
 * paper says "reset the learning rate"; that the optimiser is new too is our reading. Best is the highest
 * validation AP of that stage.
 *
 * @throws RangeError when stages is not a positive integer, or restart does not lie in [0, epochs).
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
