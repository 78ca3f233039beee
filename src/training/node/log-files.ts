import { appendFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { epochRecord, stepRecord, tensorboardEvent, type Callback, type StartEvent } from '..';
import { scalarsOf, type LogRecord } from '../logs/log-record';

/** Options of {@link jsonlLog}. */
export interface LogOptions {
  /** Log every N steps. Epochs are always logged. @defaultValue 1 */
  readonly everySteps?: number;
}

/** Collects the records of a run; `open` receives its start, `write` each record. */
function logging(
  { everySteps = 1 }: LogOptions,
  open: (start: StartEvent) => Promise<void>,
  write: (record: LogRecord) => Promise<void>,
  close?: () => Promise<void>,
): Callback {
  if (!(Number.isInteger(everySteps) && everySteps > 0)) {
    throw new RangeError(`log: everySteps must be a positive integer. Received: ${everySteps}.`);
  }
  return {
    onStart: open,
    onStep: (event) => (event.step % everySteps === 0 ? write(stepRecord(event, Date.now() / 1000)) : undefined),
    onEpoch: (event) => write(epochRecord(event, Date.now() / 1000)),
    ...(close && { onEnd: close }),
  };
}

/**
 * Writes a line of JSON for each step and each epoch. A resumed run appends to the same file; it first drops the lines of steps that it
 * repeats, and a truncated last line. NaN and infinities are written as strings.
 *
 * @param path of the file, to which lines are appended
 * @example
 * fit(network, { callbacks: [jsonlLog('out/run/log.jsonl', { everySteps: 10 })], … });
 * // {"kind":"step","epoch":0,"step":0,"loss":0.12,"learningRate":0.001,"seconds":1763640000.1}
 */
export function jsonlLog(path: string, options: LogOptions = {}): Callback {
  const line = (record: unknown): string =>
    `${JSON.stringify(record, (_key, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`;
  const start = async (begin: StartEvent): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    const lines = begin.step === 0 ? [] : (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const kept = lines.filter((text) => isBefore(text, begin));
    await writeFile(path, kept.map((text) => `${text}\n`).join(''));
  };
  return logging(options, start, (record) => appendFile(path, line(record)));
}

/** Whether a line belongs to steps or epochs that a run starting there does not repeat. */
function isBefore(text: string, begin: StartEvent): boolean {
  try {
    const record = JSON.parse(text) as LogRecord;
    return record.kind === 'step' ? record.step < begin.step : record.epoch < begin.epoch;
  } catch {
    return false; // truncated when the process died
  }
}

/**
 * Writes a TensorBoard event file into a folder: `train/loss`, `train/learning_rate`, `train/gradient_norm` by step,
 * `epoch/loss` and `validation/*` by completed steps. A resumed run adds a file, which TensorBoard merges.
 *
 * @example
 * fit(network, { callbacks: [tensorboardLog('out/run')], … }); // tensorboard --logdir out
 */
export function tensorboardLog(folder: string, options: LogOptions = {}): Callback {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  const start = async (): Promise<void> => {
    await mkdir(folder, { recursive: true });
    const seconds = Date.now() / 1000;
    const name = `events.out.tfevents.${seconds.toFixed(3).replace('.', '')}.${hostname()}.${process.pid}`;
    file = await open(join(folder, name), 'a');
    await file.appendFile(tensorboardEvent({ seconds, fileVersion: 'brain.Event:2' }));
  };
  const write = async (record: LogRecord): Promise<void> =>
    file?.appendFile(tensorboardEvent({ seconds: record.seconds, step: record.step, scalars: scalarsOf(record) }));
  return logging(options, start, write, async () => file?.close());
}

/**
 * The records that {@link jsonlLog} wrote, those of before a resumption included; a line that was cut short is left out.
 *
 * @param path of the file
 * @throws Error of the file system, where there is no file.
 * @example const log = await readLog('out/run/log.jsonl');
 */
export async function readLog(path: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    try {
      const record = JSON.parse(line, (key, value: unknown) => (key === 'loss' && typeof value === 'string' ? Number(value) : value)) as LogRecord; // prettier-ignore
      records.push(record);
    } catch {
      continue; // cut short when the process died, or the end
    }
  }
  return records;
}
