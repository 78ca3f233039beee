import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where test files leave the line about engines for the run of that process. */
export const engineReport = (run: number): string => join(tmpdir(), `poseblocks-engines-${run}.txt`);

/** Vitest calls it before a run, and what it returns after: one line says which engines there were, and why not the others. */
export default function setup(): () => void {
  const path = engineReport(process.pid);
  return () => {
    if (!existsSync(path)) return;
    console.info(`\n${readFileSync(path, 'utf8')}`);
    rmSync(path);
  };
}
