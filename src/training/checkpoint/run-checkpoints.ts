import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from './checkpoint-file';
import type { CheckpointStore } from './checkpoint-store';
import { readSavedBest, savedBest, type SavedBest } from './saved-best';
import { captureTraining, restoreTraining, type Resumed } from './training-checkpoint';

const LAST = 'last.safetensors';
const BEST = 'best.safetensors';

/** Where and when {@link fit} saves its state. */
export interface CheckpointOptions {
  /** Where files are written: `directoryStore`, or your own. */
  readonly store: CheckpointStore;
  /** Also save every N steps within an epoch. The end of an epoch is always saved. @defaultValue only at the end of an epoch */
  readonly everySteps?: number;
  /** Resume from the last checkpoint if the store has one. @defaultValue true */
  readonly resume?: boolean;
}

/** The last state of a run, for resuming, and its best weights so far, in a store. */
export interface RunCheckpoints {
  /** Restores the last state of the run; false where there is none. */
  resume(): Promise<boolean>;
  save(): Promise<void>;
  /** Whether to save after the step just done. */
  due(): boolean;
}

/**
 * The checkpoints of a run: `last.safetensors` with everything, `best.safetensors` with the pose model of the best epoch, or with its
 * weights where a network was trained alone.
 *
 * @throws RangeError when everySteps is not a positive integer; its methods throw CheckpointError for a file that cannot be read, written or used.
 * @example
 * const checkpoints = runCheckpoints({ network, optimizer, run: newRun() }, { store: directoryStore('out/run') });
 * await checkpoints.resume();
 * await checkpoints.save();
 */
export function runCheckpoints(training: Resumed, options: CheckpointOptions): RunCheckpoints {
  const { store, everySteps, resume = true } = options;
  if (everySteps !== undefined && !(Number.isInteger(everySteps) && everySteps > 0)) {
    throw new RangeError(`runCheckpoints: everySteps must be a positive integer. Received: ${everySteps}.`);
  }
  const { run } = training;
  let bestEpoch: number | undefined;
  return {
    due: () => everySteps !== undefined && run.step % everySteps === 0,
    async resume() {
      const bytes = resume ? await store.read(LAST) : undefined;
      if (bytes === undefined) return false;
      await restoreTraining(decodeCheckpoint(bytes, LAST), training);
      bestEpoch = run.overall?.epoch;
      return true;
    },
    async save() {
      // The best first: if the process dies between the two writes, the run resumes before the best epoch and writes it again.
      const { overall } = run;
      if (overall && overall.epoch !== bestEpoch) {
        const state = savedBest(overall);
        await store.write(BEST, overall.file ?? encodeCheckpoint({ tensors: overall.weights, state }));
        bestEpoch = overall.epoch;
      }
      await store.write(LAST, encodeCheckpoint(await captureTraining(training)));
    },
  };
}

/**
 * The weights of the best epoch of a network trained without a pose model, as `fit` saved them, its epoch, and its value of the monitored metric: for `assignWeights` or `loadFitting`.
 * Where a pose model was trained, the same file is a pose model: open it with `loadPoseModelFile` of `poseblocks/models/node`.
 *
 * @throws CheckpointError when the store has no such file, or it is damaged.
 * @example
 * const { weights, epoch, value } = await readBest(directoryStore('out/run'));
 */
export async function readBest(
  store: CheckpointStore,
): Promise<{ weights: ReturnType<typeof decodeCheckpoint>['tensors']; epoch: number; value: number }> {
  const bytes = await store.read(BEST);
  if (bytes === undefined) {
    throw new CheckpointError(`readBest: the store must hold ${BEST}. Received: none. No epoch is complete yet.`);
  }
  const { tensors, state } = decodeCheckpoint(bytes, BEST);
  return { weights: tensors, ...readSavedBest(state as SavedBest) };
}
