import '@tensorflow/tfjs-backend-cpu';
import { READERS } from '../hostile/read';
import { corpusOf, type ReaderName } from './corpus';
import type { Draw } from './mutate';

/** Reads changed files, `count` of them from `first`; its parent ends it where one takes too long. What is wrong is written, and goes on. */
const [reader, firstText, countText, root] = process.argv.slice(2) as [ReaderName, string, string, string];
const [first, count] = [Number(firstText), Number(countText)];
const [SECONDS, MEGABYTES, LONGEST] = [2, 300, 500];
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

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

const { files, mutate } = corpusOf(reader, root);
const totals = { read: 0, refused: 0, slowest: 0, wrong: 0 };
for (let i = first; i < first + count; i++) {
  const draw = drawer(i + 1);
  const file = mutate(draw, files[draw(files.length)]!, files[draw(files.length)]!);
  if ((i - first) % 200 === 0) say({ at: i });
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
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1e6;
  totals.slowest = Math.max(totals.slowest, seconds);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  const isClear =
    kind === '' || (/^(RangeError|SyntaxError|TypeError|DatasetError)$/.test(kind) && /: .*Received/s.test(message));

  const isPlain =
    !/call stack|Invalid typed array|is not a function|of undefined|of null|not iterable|[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(
      message,
    );
  if (seconds > SECONDS || megabytes > MEGABYTES || message.length > LONGEST || !isClear || !isPlain) {
    totals.wrong++;
    if (totals.wrong <= 20)
      say({
        wrong: i,
        seconds,
        megabytes: Math.round(megabytes),
        kind,
        message: message.slice(0, 300),
        bytes: file.length,
      });
  }
}
say({ ...totals, count, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) });
