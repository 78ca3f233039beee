import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCheckpoint } from 'poseblocks/training';

/** What became of a process. */
export interface Outcome {
  /** Which run, from 0: a run is killed and resumed until it ends. */
  readonly run: number;
  /** Milliseconds after its first step at which it was killed; undefined where it ended by itself. */
  readonly killedAfter?: number;
  /** Optimiser steps in its last checkpoint, which was read whole; undefined before the first. */
  readonly step?: number;
  /** What it ended with. */
  readonly hash?: string;
}

const script = fileURLToPath(new URL('interruptible-run.ts', import.meta.url));

/** Runs until it ends, or until it is killed `delay` ms after its first step. */
function runOnce(path: string, delay: number | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (data) => {
      out += data;
      if (delay !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), delay);
    });
    child.stderr.on('data', (data) => (errors += data));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === 'SIGKILL') resolve(out);
      else reject(new Error(`the run ended with ${code}: ${errors}`));
    });
  });
}

/**
 * Kills a training run (SIGKILL) at random moments, `kills` times in all, resumes it each time, and begins another where
 * one has ended. After each kill the checkpoint must be readable.
 *
 * @param folder an empty one
 * @param random uniform in [0, 1)
 */
export async function* killAndResume(
  folder: string,
  { kills, random }: { readonly kills: number; readonly random: () => number },
): AsyncGenerator<Outcome> {
  let done = 0;
  for (let run = 0; done < kills; run++) {
    const path = join(folder, `run-${run}`);
    for (let ended = false; !ended;) {
      const delay = done < kills ? 120 * random() : undefined;
      const out = await runOnce(path, delay);
      ended = out.includes('done');
      if (ended) {
        yield { run, hash: out.trim().split(' ').at(-1)! };
        continue;
      }
      done++;
      const last = join(path, 'last.safetensors');
      const state = existsSync(last) ? (decodeCheckpoint(readFileSync(last)).state as { step: number }) : undefined;
      yield { run, killedAfter: delay!, ...(state && { step: state.step }) };
    }
  }
}
