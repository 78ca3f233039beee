import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Request } from './protocol';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A process that answers each line of JSON with one. One that fails or takes too long is ended, and the next question starts another. */
export class Peer {
  #child: Child | null = null;
  #settle: ((answer: object) => void) | null = null;
  readonly command: readonly string[];

  constructor(...command: string[]) {
    this.command = command;
  }

  async ask<T>(request: Request, limitMs: number): Promise<T> {
    const child = (this.#child ??= this.#start());
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await new Promise<object>((resolve) => {
      this.#settle = resolve;
      setTimeout(resolve, limitMs, { error: `took longer than ${(limitMs / 1000).toFixed(0)} s` }).unref();
    });
    if (!('error' in answer)) return answer as T;
    this.end();
    throw new Error(String(answer.error));
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #start(): Child {
    const [file, ...args] = this.command as [string, ...string[]];
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const settle = (answer: object): void => {
      if (this.#child === child) this.#settle?.(answer);
    };
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) settle(JSON.parse(line) as object);
      else console.error(line);
    });
    child.stdin.on('error', () => {}); // its end is reported below
    child.on('error', ({ message }) => settle({ error: message }));
    child.on('exit', (code, signal) => settle({ error: `the process ended (${signal ?? code})` }));
    return child;
  }
}
