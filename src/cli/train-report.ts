import { join } from 'node:path';
import { topDown } from '../datasets';
import type { PoseModel } from '../models';
import { loadPoseModelFile } from '../models/node';
import { reviewPeople, trainingReport, type EpochRecord, type Fault } from '../training';
import { readLog } from '../training/node';
import { peopleOf, type TrainData } from './train-data';
import type { TrainOptions } from './train-options';

/** The report at the end of a run: of the best epoch's weights if there are any, otherwise of the last. */
export async function reportOf({
  model: last,
  data: { training, heldOut, keypointSet },
  options: { name, recipe, out, files, seed, accumulate },
  history,
  steps,
  faults,
}: {
  readonly model: PoseModel;
  readonly data: TrainData;
  readonly options: TrainOptions;
  readonly history: readonly EpochRecord[];
  readonly steps: number;
  readonly faults: readonly Fault[];
}): Promise<string> {
  const best = await loadPoseModelFile(out).catch(() => undefined); // absent if the run was never validated
  const { network, codec, normalization } = best ?? last;
  try {
    const review = await reviewPeople(network, {
      batches: () =>
        topDown({ ...peopleOf(heldOut), codec, batchSize: recipe.batchSize, normalization, onSkip: () => undefined }),
      codec,
      keypointSet,
      normalization,
      flipTest: recipe.flipTest,
    });
    const where = files.length === 0 ? 'synthetic people' : files.map(({ annotations }) => annotations).join(', ');
    return trainingReport({
      title: name,
      text: [
        `Trained on ${training.persons.length} people of ${where}; ${heldOut.persons.length} held out. Seed ${seed}.`,
      ],
      keypointSet,
      history,
      steps,
      batchSize: recipe.batchSize * accumulate,
      people: training.persons.length,
      monitor: recipe.monitor,
      review,
      faults,
      log: await readLog(join(out, 'log.jsonl')),
    });
  } finally {
    best?.network.dispose();
  }
}
