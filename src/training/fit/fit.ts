import { networkIn } from '../../graph';
import type { NamedTensorMap, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { assignVariables, readWeights, variablesOf } from '../checkpoint/named-weights';
import { runCheckpoints } from '../checkpoint/run-checkpoints';
import { gradientAccumulator } from '../gradients/gradients';
import { metricOf } from '../schedules/plateau';
import type { EpochRecord } from '../schedules/schedule';
import type { StatefulOptimizer } from '../optimizers/stateful-optimizer';
import type { FitOptions, FitResult } from './fit-options';
import { savePoseModel, type PoseModel } from '../../models';
import type { Codec } from '../../targets';
import { breathe } from './breathe';
import { checkFitOptions } from './check-fit-options';
import { layerDraws } from './layer-draws';
import { newRun } from './run-state';
import { applyGradients, learningRateOf, lossAndGradients, setLearningRate } from './train-step';
import { batchesFrom, disposeBatch, type TrainingBatch } from './training-batch';

/**
 * Trains a network: epochs, validation, best and last checkpoint, early stopping. You can replace it by a
 * loop of your own from the same parts (`examples/training/custom-loop.ts`).
 *
 * @param trained a pose model, whose best state is saved as a pose model (`best.safetensors`); or a network, of which only the weights are saved.
 *
 * @throws what a callback, the loss, the batches or the store throw. No tensor leaks in that case, and the last checkpoint is intact.
 * @example
 * const { best } = await fit(network, {
 *   epochs: 20, optimizer: adam(1e-3), loss: jointsMse, batches: withTargets(crops, codec),
 * });
 */
export async function fit<Target = Tensor4D, Output = Tensor4D>(
  trained: LayersModel | PoseModel<Codec<Target, Output>>,
  options: FitOptions<Target, Output>,
): Promise<FitResult> {
  const network = networkIn('fit', trained);
  const model = 'network' in trained ? trained : undefined;
  checkFitOptions(options);
  const { batches, loss, optimizer, schedule, average, random, signal, clipNorm, callbacks = [] } = options;
  const { accumulate = 1, validateEvery = 1, monitor = 'loss', scheduleBy = 'epoch' } = options;
  const sign = (options.mode ?? (monitor === 'loss' ? 'min' : 'max')) === 'min' ? -1 : 1;
  const iterative = schedule && 'startsStage' in schedule ? schedule : undefined;
  const epochs = positive('epochs', options.epochs ?? iterative?.epochs ?? NaN);
  positive('accumulate', accumulate);
  positive('validateEvery', validateEvery);
  if (monitor !== 'loss' && !options.validate) {
    throw new RangeError(`fit: monitor "${monitor}" needs the option validate, which measures it. Received: none.`);
  }

  const run = newRun();
  const drawFor = layerDraws(network);
  const checkpoints = options.checkpoint && runCheckpoints({ network, optimizer, average, run }, options.checkpoint);
  const accumulator = gradientAccumulator();
  const stopped = (): FitResult['reason'] | undefined =>
    signal?.aborted
      ? 'aborted'
      : run.batch === 0 && run.history.length > 0 && options.stopWhen?.(run.history)
        ? 'stopped'
        : run.epoch >= epochs
          ? 'done'
          : undefined;

  /** Each stage after the first starts from the best weights of the previous stage, with a new optimiser. */
  function startStage(): void {
    if (run.best) assignVariables('fit', variablesOf(network), run.best.weights);
    if (!('reset' in optimizer)) {
      throw new TypeError(
        `fit: an iterative schedule needs an optimizer of this library. Received: ${optimizer.getClassName()}.`,
      );
    }
    (optimizer as StatefulOptimizer).reset();
    run.best = undefined;
  }

  async function gradientsOf(batch: TrainingBatch<Target>): Promise<{ loss: number; gradients: NamedTensorMap }> {
    if (options.gradients) return options.gradients(batch, run.passes);
    drawFor(run.passes);
    const { value, gradients } = lossAndGradients(network, optimizer, loss, batch);
    const [number] = await value.data();
    value.dispose();
    return { loss: number!, gradients };
  }

  /** One optimiser step from the accumulated gradients; `data` is their last batch. */
  async function step(data: Parameters<typeof lossAndGradients<Target, Output>>[3], losses: number[]) {
    if (schedule) setLearningRate(optimizer, schedule(scheduleBy === 'epoch' ? run.epoch : run.step, run.history));
    const gradientNorm = await applyGradients(optimizer, accumulator.take(), clipNorm);
    average?.update();
    const value = losses.reduce((a, b) => a + b, 0) / losses.length;
    run.lossSum += value;
    run.lossCount++;
    const event = { epoch: run.epoch, batch: run.batch - 1, step: run.step++, loss: value };
    const extra = gradientNorm === undefined ? {} : { gradientNorm };
    for (const callback of callbacks) {
      await callback.onStep?.({
        ...event,
        ...extra,
        learningRate: learningRateOf(optimizer),
        network,
        optimizer,
        data,
      });
    }
  }

  /** The rest of the current epoch; false when it was aborted. */
  async function trainEpoch(): Promise<boolean> {
    let losses: number[] = [];
    let held: Parameters<typeof step>[0] | undefined;
    try {
      for await (const batch of batchesFrom(batches, run.epoch, run.batch)) {
        if (held) disposeBatch(held);
        held = batch;
        const computed = await gradientsOf(batch);
        accumulator.add(computed.gradients);
        losses.push(computed.loss);
        run.batch++;
        run.passes++;
        await breathe();
        if (losses.length < accumulate) continue;
        await step(batch, losses);
        losses = [];
        if (signal?.aborted) return false;
        if (checkpoints?.due()) await checkpoints.save();
      }
      if (losses.length > 0) await step(held!, losses); // the rest of the epoch, fewer batches than `accumulate`
    } finally {
      accumulator.dispose();
      if (held) disposeBatch(held);
    }
    if (run.lossCount === 0) throw new RangeError(`fit: epoch ${run.epoch} must have a batch. Received: none.`);
    return true;
  }

  async function endEpoch(): Promise<void> {
    const validated = options.validate && ((run.epoch + 1) % validateEvery === 0 || run.epoch + 1 === epochs);
    average?.swap();
    let metrics: EpochRecord['metrics'] = {};
    let improved = false;
    try {
      if (validated) metrics = await options.validate!(network, run.epoch);
      const record = {
        epoch: run.epoch,
        step: run.step,
        loss: run.lossSum / run.lossCount,
        learningRate: learningRateOf(optimizer),
        metrics,
      };
      run.history.push(record);
      const value = metricOf(record, monitor);
      if (validated && value === undefined) {
        throw new RangeError(
          `fit: monitor must name a metric of validate. Received: ${monitor}, ${Object.keys(metrics)}.`,
        );
      }
      improved = value !== undefined && sign * value >= sign * (run.best?.value ?? -sign * Infinity);
      if (improved && value !== undefined) {
        const file = model && checkpoints && (await savePoseModel(withMetrics(model, record)));
        run.best = { epoch: run.epoch, value, weights: await readWeights(network), ...(file && { file }) };
        if (!run.overall || sign * value >= sign * run.overall.value) run.overall = run.best;
      }
    } finally {
      average?.swap();
    }
    // The checkpoint last: if the process dies before it, the epoch is repeated, and the logs drop their records of it.
    for (const callback of callbacks) {
      await callback.onEpoch?.({ ...run.history.at(-1)!, epochs, network, improved });
    }
    Object.assign(run, { epoch: run.epoch + 1, batch: 0, lossSum: 0, lossCount: 0, random: random?.state() });
    await checkpoints?.save();
  }

  if (await checkpoints?.resume()) random?.restore(run.random);
  else run.random = random?.state();
  try {
    const { epoch, batch, step: done } = run;
    for (const callback of callbacks) await callback.onStart?.({ network, epochs, epoch, batch, step: done });
    let reason = stopped();
    while (reason === undefined) {
      if (run.batch === 0 && iterative?.startsStage(run.epoch)) startStage();
      if (await trainEpoch()) await endEpoch();
      else await checkpoints?.save();
      reason = stopped();
    }
    return { history: run.history, best: run.overall, steps: run.step, reason };
  } finally {
    for (const callback of callbacks) await callback.onEnd?.();
  }
}

/** The model, with the metrics of this epoch in its provenance. */
function withMetrics(model: PoseModel, { epoch, step, loss, metrics }: EpochRecord): PoseModel {
  const known = { ...model.provenance.metrics, ...metrics };
  return { ...model, provenance: { ...model.provenance, training: { epoch, step, loss }, metrics: known } };
}

function positive(name: string, value: number): number {
  if (!(Number.isInteger(value) && value > 0)) {
    throw new RangeError(`fit: ${name} must be a positive integer. Received: ${value}.`);
  }
  return value;
}
