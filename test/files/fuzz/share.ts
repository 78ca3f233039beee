import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundledProgram } from '../bundled-program';
import type { ReaderName } from './corpus';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The readers, cheap ones first. */
export const FUZZED: readonly ReaderName[] = ['codec', 'mpii', 'safetensors', 'coco', 'coco-eval', 'hdf5', 'onnx', 'pth', 'zip', 'mat', 'pose-model', 'keras']; // prettier-ignore

/** What became of changed files. */
export interface FuzzTotals {
  read: number;
  refused: number;
  /** Read or refused otherwise than it must be: too slow, too large, by an error that is not clear; or never. */
  wrong: number;
  /** Seconds of the processor that the slowest took. */
  slowest: number;
  /** The largest that the process was. */
  megabytes: number;
}

/** The program that reads them. */
export const fuzzChild = (): ReturnType<typeof bundledProgram> => bundledProgram('test/files/fuzz/child.ts');

/**
 * Has `count` changed files from `first` read in a process of their own. Where it is stopped at one, that is wrong, and another process goes on after it.
 *
 * @param onWrong told of each file that was read wrongly
 */
export async function fuzzShare(
  child: string,
  reader: ReaderName,
  first: number,
  count: number,
  onWrong: (line: string) => void,
): Promise<FuzzTotals> {
  const totals: FuzzTotals = { read: 0, refused: 0, wrong: 0, slowest: 0, megabytes: 0 };
  for (let from = first; from < first + count;) {
    const stopped = await once(child, reader, from, first + count - from, totals, onWrong);
    if (stopped === undefined) break;
    totals.wrong++;
    from = stopped + 1;
  }
  return totals;
}

/** @returns the file at which the process stopped; undefined where it came to the end */
function once(
  child: string,
  reader: ReaderName,
  first: number,
  count: number,
  totals: FuzzTotals,
  onWrong: (line: string) => void,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const run = spawn(process.execPath, [child, reader, String(first), String(count), root]);
    let rest = '';
    let errors = '';
    let end: number | undefined = first;
    run.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const said = JSON.parse(line) as Partial<FuzzTotals> & { count?: number; stopped?: number };
        if (said.stopped !== undefined) end = said.stopped;
        if (said.count === undefined) {
          onWrong(line);
          continue;
        }
        end = undefined;
        for (const key of ['read', 'refused', 'wrong'] as const) totals[key] += said[key]!;
        for (const key of ['slowest', 'megabytes'] as const) totals[key] = Math.max(totals[key], said[key]!);
      }
    });
    run.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    run.on('close', () => {
      // tfjs warns of odd networks; what counts is why a process ended before its files did.
      if (end !== undefined && errors !== '') onWrong(errors.slice(0, 500));
      resolve(end);
    });
  });
}
