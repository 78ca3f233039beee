import { join } from 'node:path';
import { topDown, type Skip } from '../datasets';
import { formatEngine, useEngine } from '../engines';
import {
  disposeBatch,
  earlyStop,
  fit,
  overfit,
  standardGuards,
  TrainingFault,
  validatePck,
  validatePoses,
  weightAverage,
  withTargets,
  type Fault,
} from '../training';
import { recipeOptimizer, recipeSchedule } from '../recipes';
import type { PoseModel } from '../models';
import { directoryStore, jsonlLog, tensorboardLog } from '../training/node';
import type { Command, Terminal } from './command';
import { trainBatches } from './train-batches';
import { trainData, type People, type TrainData } from './train-data';
import { trainModel } from './train-network';
import { trainOptions, trainUsage, type TrainOptions } from './train-options';
import { openRun } from './train-run';
import { lines, progressLine } from './train-show';

const REPORTED = 20; // persons left out that are named

/** The command `poseblocks train`. */
export const trainCommand: Command = async (args, io) => {
  const options = trainOptions(args);
  if (options === undefined) {
    io.print(trainUsage);
    return 0;
  }
  io.warn(formatEngine(await useEngine(options.engine)));
  const data = await trainData(options, io);
  const codec = options.recipe.codec(options.inputSize);
  const writeRun = await openRun(options, { codec: codec.toJSON(), keypoints: data.keypointSet.names });
  const model = await trainModel(options, data.keypointSet, io);
  try {
    if (options.selfTest !== undefined && !(await selfTest(model, data, options, io))) return 1;
    await writeRun();
    return await train(model, data, options, io);
  } finally {
    model.network.dispose();
  }
};

async function train(model: PoseModel, data: TrainData, options: TrainOptions, io: Terminal): Promise<number> {
  const { recipe, out, average: decay } = options;
  const { keypointSet, annotations } = data;
  const { network, codec } = model;
  const onSkip = reportOnce(io);
  const codecAt = recipe.codecAt ? (epoch: number) => recipe.codecAt!(epoch, options.inputSize) : codec;
  const { batches, close } = trainBatches(data, codecAt, options, onSkip);
  const heldOut = () => topDown({ ...data.heldOut, codec, batchSize: recipe.batchSize, onSkip });
  const measured = { batches: heldOut, codec, ...(recipe.flipTest && { flip: keypointSet }) };
  const optimizer = recipeOptimizer(recipe);
  const average = decay === undefined ? undefined : weightAverage(network, { decay });
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { best, reason } = await fit(model, {
      ...recipeSchedule(recipe),
      batches,
      loss: recipe.loss,
      optimizer,
      accumulate: options.accumulate,
      validate:
        recipe.monitor === 'AP' ? validatePoses({ ...measured, annotations, keypointSet }) : validatePck(measured),
      validateEvery: options.validateEvery,
      monitor: recipe.monitor,
      signal: controller.signal,
      checkpoint: { store: directoryStore(out), everySteps: options.saveEvery },
      ...(average && { average }),
      ...(options.patience !== undefined && {
        stopWhen: earlyStop({ metric: recipe.monitor, patience: options.patience }),
      }),
      callbacks: [
        ...standardGuards({
          codec,
          keypointSet,
          validation: withTargets(heldOut, codec),
          onFault: (fault) => onFault(fault, options.strict, io),
        }),
        ...progressLine(options.quiet),
        lines(recipe, io),
        jsonlLog(join(out, 'log.jsonl'), { everySteps: options.logEvery }),
        tensorboardLog(out, { everySteps: options.logEvery }),
      ],
    });
    if (reason === 'aborted') {
      io.warn(`Interrupted; ${join(out, 'last.safetensors')} is written. The same command goes on from there.`);
      return 1;
    }
    const figure = best ? `best ${recipe.monitor} ${best.figure.toFixed(3)} in epoch ${best.epoch + 1}` : 'no best';
    const reported = recipe.reported.map(
      ({ metric, value, data, of }) => `${metric} ${value} on ${data}${of ? ` (${of})` : ''}`,
    );
    io.print(`${figure}, kept in ${join(out, 'best.safetensors')}; the paper reports ${reported.join(', ')}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof TrainingFault)) throw error;
    io.warn(`${error.message}\nWhat was saved before is in ${out}.`);
    return 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    optimizer.dispose();
    average?.dispose();
    await close();
  }
}

/** Whether the network can learn a few people by heart. */
async function selfTest(
  { network, codec }: PoseModel,
  { training }: TrainData,
  { recipe: { loss }, selfTest: count = 8 }: TrainOptions,
  io: Terminal,
): Promise<boolean> {
  const few: People = { ...training, persons: training.persons.slice(0, count) };
  for await (const batch of withTargets(() => topDown({ ...few, codec, batchSize: count }), codec)(0, 0)) {
    try {
      const report = await overfit(network, batch, { loss, codec });
      const { passed, steps, advice } = report;
      const left = `${Math.round(100 * report.loss)} % of the loss of empty outputs left after ${steps} steps`;
      io.warn(passed ? `Self-test passed: ${left}.` : `Self-test failed: ${left}. ${advice}`);
      return passed;
    } finally {
      disposeBatch(batch);
    }
  }
  return true;
}

/** A loss that is not finite ends the run, for nothing is learnt after it; other faults may pass, and are told. */
function onFault(fault: Fault, strict: boolean, io: Terminal): void {
  if (strict || fault.kind === 'not-finite') throw new TrainingFault(fault);
  io.warn(`${fault.kind} at epoch ${fault.epoch + 1}, step ${fault.step}: ${fault.message}`);
}

/** Tells of the first persons whose image cannot be read, once each, and lets the run go on without them. */
function reportOnce(io: Terminal): (skip: Skip) => void {
  const seen = new Set<number>();
  return ({ id, detail }) => {
    if (seen.size >= REPORTED || seen.has(id)) return;
    seen.add(id);
    io.warn(`Person ${id} is left out: ${detail}`);
    if (seen.size === REPORTED) io.warn('Others may be left out as well; poseblocks doctor lists every image that cannot be read.'); // prettier-ignore
  };
}
