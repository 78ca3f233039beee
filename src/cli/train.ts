import { stat, writeFile } from 'node:fs/promises';
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
import { recipeOptimizer, recipeSchedule, reportedHere } from '../recipes';
import { recipeTeam } from '../recipes/node';
import type { PoseModel } from '../models';
import { directoryStore, jsonlLog, tensorboardLog } from '../training/node';
import type { Command, Terminal } from './command';
import { trainBatches } from './train-batches';
import { peopleOf, trainData, type People, type TrainData } from './train-data';
import { trainModel } from './train-network';
import { reportOf } from './train-report';
import { trainOptions, trainUsage, type TrainOptions } from './train-options';
import { openRun } from './train-run';
import { lines, progressLine } from './train-show';

const REPORTED = 20; // skipped persons that are named

/** The command `poseblocks train`. */
export const trainCommand: Command = async (args, io) => {
  const options = trainOptions(args);
  if (options === undefined) {
    io.print(trainUsage);
    return 0;
  }
  if (options.weights !== undefined) await mustBeFile(options.weights);
  const data = await trainData(options, io);
  io.warn(formatEngine(await useEngine(options.engine)));
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
  const heldOut = () => topDown({ ...peopleOf(data.heldOut), codec, batchSize: recipe.batchSize, onSkip });
  const measured = { batches: heldOut, codec, ...(recipe.flipTest && { flip: keypointSet }) };
  const optimizer = recipeOptimizer(recipe);
  const average = decay === undefined ? undefined : weightAverage(network, { decay });
  const faults: Fault[] = [];
  const { name, processes, inputSize, seed, freeze: frozen } = options;
  const team = processes > 1 ? await recipeTeam(model, { name, processes, inputSize, seed, frozen }) : undefined;
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { best, reason, history, steps } = await fit(model, {
      ...recipeSchedule(recipe),
      batches,
      loss: recipe.loss,
      optimizer,
      accumulate: options.accumulate,
      ...(team && { gradients: team.gradients }),
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
          onFault: (fault) => {
            faults.push(fault);
            onFault(fault, options.strict, io);
          },
        }),
        ...progressLine(options.quiet),
        lines(recipe, options.json ? { ...io, print: io.warn } : io),
        jsonlLog(join(out, 'log.jsonl'), { everySteps: options.logEvery }),
        tensorboardLog(out, { everySteps: options.logEvery }),
      ],
    });
    if (reason === 'aborted') {
      io.warn(`Interrupted. ${join(out, 'last.safetensors')} is written; run the same command again to continue.`);
      return 1;
    }
    const report = options.report ? join(out, 'report.html') : undefined;
    if (report !== undefined) {
      await writeFile(report, await reportOf({ model, data, options, history, steps, faults }));
    }
    const reported = reportedHere(recipe, { keypointSet, people: data.heldOut.persons.length, metrics: Object.keys(history.at(-1)?.metrics ?? {}) }); // prettier-ignore
    if (options.json) {
      const kept = best && { epoch: best.epoch, [recipe.monitor]: best.value, file: join(out, 'best.safetensors') };
      io.print(JSON.stringify({ steps, epochs: history.length, best: kept ?? null, report: report ?? null, reported, faults, history }, null, 2)); // prettier-ignore
      return 0;
    }
    const outcome = best ? `best ${recipe.monitor} ${best.value.toFixed(3)} in epoch ${best.epoch + 1}` : 'no best';
    const paper = reported
      .map(({ metric, value, data: on }) => `; the paper reports ${metric} ${value} on ${on}`)
      .join('');
    io.print(`${outcome}, saved in ${join(out, 'best.safetensors')}${paper}.${report === undefined ? '' : ` Report: ${report}`}`); // prettier-ignore
    return 0;
  } catch (error) {
    if (!(error instanceof TrainingFault)) throw error;
    io.warn(`${error.message}\nThe checkpoints of the run are in ${out}.`);
    return 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    optimizer.dispose();
    average?.dispose();
    await team?.close();
    await close();
  }
}

async function mustBeFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new Error(
      `train: --weights must be a file. Received: ${path}, ${found ? 'which is a folder' : 'which does not exist'}.`,
    );
}

/** Whether the network can overfit a few people. */
async function selfTest(
  { network, codec }: PoseModel,
  { training }: TrainData,
  { recipe: { loss }, selfTest: count = 8 }: TrainOptions,
  io: Terminal,
): Promise<boolean> {
  const few: People = { ...training, persons: training.persons.slice(0, count) };
  for await (const batch of withTargets(() => topDown({ ...peopleOf(few), codec, batchSize: count }), codec)(0, 0)) {
    try {
      const report = await overfit(network, batch, { loss, codec });
      const { passed, steps, advice } = report;
      const left = `after ${steps} steps the loss is ${Math.round(100 * report.loss)} % of that of empty outputs`;
      io.warn(passed ? `Self-test passed: ${left}.` : `Self-test failed: ${left}. ${advice}`);
      return passed;
    } finally {
      disposeBatch(batch);
    }
  }
  return true;
}

/** A loss that is not finite ends the run, since training cannot recover; other faults are printed, and the run continues. */
function onFault(fault: Fault, strict: boolean, io: Terminal): void {
  if (strict || fault.kind === 'not-finite') throw new TrainingFault(fault);
  io.warn(`${fault.kind} at epoch ${fault.epoch + 1}, step ${fault.step}: ${fault.message}`);
}

/** Prints the first persons whose image cannot be read, once each; the run continues without them. */
function reportOnce(io: Terminal): (skip: Skip) => void {
  const seen = new Set<number>();
  return ({ id, detail }) => {
    if (seen.size >= REPORTED || seen.has(id)) return;
    seen.add(id);
    io.warn(`Person ${id} is skipped: ${detail}`);
    if (seen.size === REPORTED) io.warn('Others may be skipped as well; poseblocks doctor lists all images that cannot be read.'); // prettier-ignore
  };
}
