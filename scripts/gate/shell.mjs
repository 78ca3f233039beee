import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

/** A step that did not pass, with what to do about it. */
export class StepError extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Runs a program to its end, without a terminal to read from.
 *
 * @param {string[]} command program and arguments; `node` is this very Node.
 * @param {{ cwd?: string, show?: boolean, env?: Record<string, string>, seconds?: number, remedy?: string }} options
 * @returns {Promise<string>} what it wrote to stdout. Fails with everything it wrote when it exits with another code than 0.
 */
export function run([program, ...args], { cwd, show = false, env = {}, seconds = 900, remedy } = {}) {
  return new Promise((resolve, reject) => {
    // Logs without colour codes, wherever they are read.
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd,
      env: { ...inherited, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
    let stdout = '';
    let everything = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      everything += data;
      if (show) process.stdout.write(data);
    });
    child.stderr.on('data', (data) => {
      everything += data;
      if (show) process.stderr.write(data);
    });
    child.on('error', (cause) => reject(new StepError(`${program} did not start: ${cause.message}`, remedy)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(stdout);
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal} (limit: ${seconds} s)`;
      const output = show ? '' : `\n${everything.trimEnd()}`;
      reject(new StepError(`${[program, ...args].join(' ')} ${how}${output}`, remedy));
    });
  });
}

/** Checks `ok`, else fails with a message and what to do. */
export function must(ok, message, remedy) {
  if (!ok) throw new StepError(message, remedy);
}

/** Does `task` for each item, as many at a time as there are cores, four at most. The first failure ends it. */
export async function together(items, task) {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        await task(next);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(4, cpus().length)) }, worker));
}
