import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { READERS } from '../hostile/read';
import { corpusOf, type ReaderName } from './corpus';
import type { Draw } from './mutate';

/**
 * Reads changed files, `count` of them from `first`: `child.mjs READER FIRST COUNT ROOT`. A thread reads; this one watches what the process takes, in seconds of the
 * processor and in memory, and ends it where a file takes too much, so that neither a loop without an end nor a busy machine is taken for the other. It says lines of JSON: `{ wrong }`
 * for a file that was read wrongly, at the end the totals, or `{ stopped }`, the file that it did not come past.
 */
const [SECONDS, MEGABYTES, LONGEST] = [2, 300, 500];
/** Milliseconds between two looks at the thread. */
const LOOK = 100;

interface Task {
  readonly reader: ReaderName;
  readonly first: number;
  readonly count: number;
  readonly root: string;
  /** The file that is being read. */
  readonly at: Int32Array;
}

const megabytes = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);
const processor = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Whole numbers of a seed (mulberry32), so that a case can be had again. */
function drawer(seed: number): Draw {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * Math.max(1, limit));
  };
}

const isClear = (kind: string, message: string): boolean =>
  kind === '' ||
  (/^(RangeError|SyntaxError|TypeError|DatasetError|PoseModelError)$/.test(kind) && /: .*Received/s.test(message));
const isPlain = (message: string): boolean =>
  !/call stack|Invalid typed array|is not a function|of undefined|of null|not iterable|[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(
    message,
  );

async function read({ reader, first, count, root, at }: Task): Promise<void> {
  const say = (value: object): void => parentPort!.postMessage(value);
  enableProdMode(); // says nothing of slow backends
  const { files, mutate } = await corpusOf(reader, root);
  const totals = { read: 0, refused: 0, wrong: 0, slowest: 0 };
  for (let i = first; i < first + count; i++) {
    const draw = drawer(i + 1);
    const file = mutate(draw, files[draw(files.length)]!, files[draw(files.length)]!);
    Atomics.store(at, 0, i);
    const began = process.cpuUsage();
    let message = '';
    let kind = '';
    try {
      await READERS[reader](file);
      totals.read++;
    } catch (error) {
      kind = (error as Error).name;
      message = (error as Error).message;
      totals.refused++;
    }
    const seconds = processor(began);
    totals.slowest = Math.max(totals.slowest, seconds);
    const fine = isClear(kind, message) && isPlain(message);
    if (seconds > SECONDS || megabytes() > MEGABYTES || message.length > LONGEST || !fine) {
      totals.wrong++;
      say({ wrong: i, seconds, megabytes: megabytes(), kind, message: message.slice(0, 300), bytes: file.length });
    }
  }
  say({ ...totals, count });
}

function watch([reader, first, count, root]: readonly string[]): void {
  const at = new Int32Array(new SharedArrayBuffer(4)).fill(Number(first));
  const task: Task = { reader: reader as ReaderName, first: Number(first), count: Number(count), root: root!, at };
  const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const thread = new Worker(fileURLToPath(import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 200 },
  });
  let [seen, began, largest] = [-1, process.cpuUsage(), 0];
  const stop = (why: string): void => {
    const file = Atomics.load(at, 0);
    say({ stopped: file, seconds: processor(began), megabytes: megabytes(), message: why });
    process.stdout.write('', () => process.exit(0));
  };
  const timer = setInterval(() => {
    const now = Atomics.load(at, 0);
    if (now !== seen) [seen, began] = [now, process.cpuUsage()];
    largest = Math.max(largest, megabytes());
    // The corpus is made before the first file, and a look may come late; what a file took is measured in the thread.
    if (processor(began) > 2 * SECONDS + (now === task.first ? 10 : 0)) stop('takes too long');
    else if (megabytes() > 1.2 * MEGABYTES) stop('takes too much memory');
  }, LOOK);
  thread.on('message', (value: { count?: number }) => say(value.count === undefined ? value : { ...value, megabytes: largest })); // prettier-ignore
  thread.on('error', (error) => stop(error.message));
  thread.on('exit', () => clearInterval(timer));
}

if (isMainThread) watch(process.argv.slice(2));
else await read(workerData as Task);
