import * as tf from '@tensorflow/tfjs-core';
import { crc32c } from 'poseblocks/bytes';
import { useEngine } from 'poseblocks/engines';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adam,
  fit,
  formatDuration,
  formatProgress,
  jointsMse,
  memoryStore,
  progress,
  tensorboardEvent,
  type Callback,
  type LogRecord,
  type Progress,
} from 'poseblocks/training';
import { jsonlLog, tensorboardLog } from 'poseblocks/training/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dotBatches, tinyNetwork } from './support/tiny';

const GOLDEN_EVENT =
  '2100000000000000017becf609000000000000f83f10ac022a130a110a0a747261696e2f6c6f7373150000803e6557981f';
const GOLDEN_VERSION = '1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine('wasm').then(() => undefined));

async function run(callbacks: Callback[], options: { store?: ReturnType<typeof memoryStore>; stopAt?: number } = {}) {
  const [network, optimizer, controller] = [tinyNetwork(), adam(1e-2), new AbortController()];
  const abort: Callback = { onStep: ({ step }) => void (step === options.stopAt && controller.abort()) };
  const result = await fit(network, {
    epochs: 2,
    batches: dotBatches(3),
    loss: jointsMse,
    optimizer,
    clipNorm: 1,
    validate: async (_, epoch) => ({ PCK: 0.1 * epoch }),
    monitor: 'PCK',
    signal: controller.signal,
    callbacks: [abort, ...callbacks],
    ...(options.store && { checkpoint: { store: options.store } }),
  });
  tf.dispose(network.weights.map((weight) => weight.read()));
  optimizer.dispose();
  return result;
}
const readLines = (path: string): LogRecord[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('JSON lines', () => {
  it('tells each step and epoch', async () => {
    const path = join(folder, 'deep', 'log.jsonl');
    const { history } = await run([jsonlLog(path)]);
    const lines = readLines(path);
    expect(lines.map(({ kind, epoch, step }) => [kind, epoch, step])).toEqual([
      ['step', 0, 0],
      ['step', 0, 1],
      ['step', 0, 2],
      ['epoch', 0, 3],
      ['step', 1, 3],
      ['step', 1, 4],
      ['step', 1, 5],
      ['epoch', 1, 6],
    ]);
    expect(lines[3]).toMatchObject({ loss: history[0]!.loss, metrics: { PCK: 0 }, learningRate: 0.01 });
    expect(lines[0]).toHaveProperty('gradientNorm');
  });

  it('a resumed run leaves no line twice and none out, whatever the killed one left', async () => {
    const path = join(folder, 'resumed.jsonl');
    const store = memoryStore();
    await run([jsonlLog(path)], { store, stopAt: 4 });
    // what a killed run may have written after its last checkpoint
    appendFileSync(
      path,
      '{"kind":"step","epoch":1,"step":5,"loss":9}\n{"kind":"epoch","epoch":1,"step":6}\n{"kind":"st',
    );
    await run([jsonlLog(path)], { store });
    const lines = readLines(path);
    expect(lines.map(({ kind, step }) => `${kind} ${step}`)).toEqual([
      'step 0',
      'step 1',
      'step 2',
      'epoch 3',
      'step 3',
      'step 4',
      'step 5',
      'epoch 6',
    ]);
    expect(lines.every(({ loss }) => loss < 1)).toBe(true);
  });

  it('logs each so many steps, and NaN as what it is', async () => {
    const path = join(folder, 'sparse.jsonl');
    const nan: Callback = {};
    const log = jsonlLog(path, { everySteps: 4 });
    nan.onEpoch = (event) => log.onEpoch!({ ...event, loss: NaN });
    await run([{ ...log, onEpoch: nan.onEpoch }]);
    expect(readLines(path).map(({ kind, step, loss }) => [kind, step, typeof loss])).toEqual([
      ['step', 0, 'number'],
      ['epoch', 3, 'string'],
      ['step', 4, 'number'],
      ['epoch', 6, 'string'],
    ]);
    expect(() => jsonlLog(path, { everySteps: 0 })).toThrow('log: everySteps must be a positive integer. Received: 0.');
  });
});

describe('TensorBoard', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['\0'.repeat(32), 0x8a9136aa], // RFC 3720, B.4
    ['\xff'.repeat(32), 0x62a8ab43],
  ])('CRC-32C of %j', (text, checksum) => {
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    expect(crc32c(bytes)).toBe(checksum);
    expect(crc32c(bytes.subarray(3), crc32c(bytes.subarray(0, 3)))).toBe(checksum);
  });

  it('an event is byte for byte what TensorFlow writes', () => {
    // tensorboard.summary.writer.record_writer of Event(wall_time=1.5, step=300, summary={train/loss: 0.25})
    const hex = Buffer.from(tensorboardEvent({ seconds: 1.5, step: 300, scalars: { 'train/loss': 0.25 } })).toString(
      'hex',
    );
    expect(hex).toBe(GOLDEN_EVENT);
    const version = Buffer.from(tensorboardEvent({ seconds: 1.5, fileVersion: 'brain.Event:2' })).toString('hex');
    expect(version).toBe(GOLDEN_VERSION);
    expect(() => tensorboardEvent({ seconds: 0, step: -1 })).toThrow('step must be an integer from 0. Received: -1.');
  });

  it('a run leaves a file of whole records', async () => {
    const path = join(folder, 'tensorboard');
    await run([tensorboardLog(path)]);
    const [name] = readdirSync(path);
    expect(name).toMatch(/^events\.out\.tfevents\.\d+\./);
    const bytes = readFileSync(join(path, name!));
    let records = 0;
    for (let at = 0; at < bytes.length; records++) at += 16 + Number(bytes.readBigUInt64LE(at));
    expect(records).toBe(1 + 6 + 2);
    expect(bytes.includes('validation/PCK')).toBe(true);
  });
});

describe('progress', () => {
  it('tells time left once it knows an epoch, and what the last validation gave', async () => {
    const shown: Progress[] = [];
    let now = 0;
    await run([progress({ show: (p) => shown.push(p), clock: () => (now += 2) })]);
    expect(shown.map(({ batch, batches, secondsLeft }) => [batch, batches, secondsLeft])).toEqual([
      [1, undefined, undefined],
      [2, undefined, undefined],
      [3, undefined, undefined],
      [1, 3, 4],
      [2, 3, 2],
      [3, 3, 0],
    ]);
    expect(shown[5]).toMatchObject({ epoch: 1, epochs: 2, step: 5, stepsPerSecond: 0.5, metrics: { PCK: 0 } });
  });

  it('is one readable line', () => {
    const p: Progress = {
      epoch: 2,
      epochs: 20,
      batch: 12,
      batches: 40,
      step: 92,
      loss: 0.0012345,
      learningRate: 1e-3,
      stepsPerSecond: 2.06,
      secondsLeft: 245,
      tensors: 1032,
      megabytes: 412.3,
      metrics: { AP: 0.5123 },
    };
    expect(formatProgress(p)).toBe(
      'epoch 3/20 · 12/40 · loss 0.00123 · lr 1.0e-3 · 2.1 steps/s · 4:05 left · 412 MB, 1032 tensors · AP 0.512',
    );
    expect(formatProgress({ ...p, stepsPerSecond: 0.25 })).toContain('4.0 s/step');
    expect([7.4, 750, 10935].map(formatDuration)).toEqual(['0:07', '12:30', '3:02:15']);
  });
});
