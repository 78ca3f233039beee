import '@tensorflow/tfjs-backend-cpu';
import { ROWS } from './rows';
import { READERS } from './read';

/** Reads the files one by one in this process, which its parent watches; says of each what came of it, and what it took. */
const peak = (): number => process.resourceUsage().maxRSS / 1024;
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const [only] = process.argv.slice(2);
for (const { name, reader, bytes } of ROWS) {
  if (only !== undefined && only !== name) continue;
  const file = bytes();
  say({ begins: name, bytes: file.length });
  const began = process.cpuUsage();
  let message = '';
  let kind = '';
  try {
    await READERS[reader](file);
  } catch (error) {
    kind = (error as Error).name;
    message = (error as Error).message;
  }
  const { user, system } = process.cpuUsage(began);
  say({ name, seconds: (user + system) / 1e6, megabytes: peak(), kind, message: message.slice(0, 2000), length: message.length }); // prettier-ignore
}
