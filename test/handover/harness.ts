import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Python runs for the tests: harness.py FOLDER WHAT arguments. */
export const HARNESS: string = join(import.meta.dirname, 'python/harness.py');

/** The largest difference of two lists of the same length. */
export function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`both must have as many values. Received: ${a.length} and ${b.length}.`);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!)); // NaN stays NaN
  return most;
}

async function bytes(folder: string, name: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, length } = await readFile(join(folder, `${name}.bin`));
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + length);
}

/** A float32 array that harness.py has written. */
export const floats = async (folder: string, name: string): Promise<Float32Array> => new Float32Array(await bytes(folder, name)); // prettier-ignore

/** A float64 array that harness.py has written. */
export const doubles = async (folder: string, name: string): Promise<Float64Array> => new Float64Array(await bytes(folder, name)); // prettier-ignore
