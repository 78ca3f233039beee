import type { EpochEvent, StepEvent } from '../fit/callbacks';

/** A line of a structured log. */
export type LogRecord =
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly gradientNorm?: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly seconds: number;
    };

/** @internal The log record of a step; `seconds` is Unix time. */
export function stepRecord(event: StepEvent, seconds: number): LogRecord {
  const { epoch, step, loss, learningRate, gradientNorm } = event;
  return {
    kind: 'step',
    epoch,
    step,
    loss,
    learningRate,
    ...(gradientNorm !== undefined && { gradientNorm }),
    seconds,
  };
}

/** @internal The log record of an epoch. */
export function epochRecord({ epoch, step, loss, learningRate, metrics }: EpochEvent, seconds: number): LogRecord {
  return { kind: 'epoch', epoch, step, loss, learningRate, metrics, seconds };
}

/** The values of a record by tag, as TensorBoard groups them. */
export function scalarsOf(record: LogRecord): Record<string, number> {
  const { loss, learningRate } = record;
  if (record.kind === 'step') {
    const { gradientNorm } = record;
    return {
      'train/loss': loss,
      'train/learning_rate': learningRate,
      ...(gradientNorm !== undefined && { 'train/gradient_norm': gradientNorm }),
    };
  }
  const metrics = Object.entries(record.metrics).map(([name, value]) => [`validation/${name}`, value] as const);
  return { 'epoch/loss': loss, ...Object.fromEntries(metrics) };
}
