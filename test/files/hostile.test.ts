import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledProgram } from './bundled-program';
import { ROWS } from './hostile/rows';

/** What reading any of them may take. */
const [SECONDS, MEGABYTES] = [2, 300];
/** Of wall time without an answer, on a machine that does other things too: then the process is ended. */
const PATIENCE = 60_000;

interface Answer {
  readonly name: string;
  readonly seconds: number;
  readonly megabytes: number;
  readonly kind: string;
  readonly message: string;
  readonly length: number;
}

let child = '';
let remove: () => Promise<void>;
beforeAll(async () => void ({ child, remove } = await bundledProgram('test/files/hostile/child.ts')));
afterAll(() => remove());

/** Each in a process of its own, so that one's memory is not another's. */
function read(name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const reader = spawn(process.execPath, ['--max-old-space-size=256', child, name]);
    let out = '';
    let errors = '';
    const timer = setTimeout(() => {
      reader.kill('SIGKILL');
      reject(new Error(`${name}: no answer within ${PATIENCE / 1000} s`));
    }, PATIENCE);
    reader.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    reader.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    reader.on('close', (code) => {
      clearTimeout(timer);
      const answer = out.trim().split('\n').map((line) => JSON.parse(line || '{}') as Partial<Answer>).find((each) => each.seconds !== undefined); // prettier-ignore
      if (answer) resolve(answer as Answer);
      else reject(new Error(`${name}: ended with ${code}. ${errors.slice(-2000)}`));
    });
  });
}

describe('files made to harm are read or refused within 2 s and 300 MB', () => {
  it.each(ROWS.map((row) => [row.name, row] as const))('%s', async (name, { error }) => {
    const answer = await read(name);
    expect(answer.seconds).toBeLessThan(SECONDS);
    expect(answer.megabytes).toBeLessThan(MEGABYTES);
    expect(answer.length).toBeLessThan(500);
    if (error === undefined) expect(answer.message).toBe('');
    else {
      expect(answer.message).toMatch(error);
      expect(answer.kind).toMatch(/^(RangeError|SyntaxError|TypeError|DatasetError|PoseModelError)$/);
      expect(answer.message).not.toMatch(/call stack|Invalid typed array|not a function|undefined/);
    }
  });
});
