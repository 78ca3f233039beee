import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program of the tests in one file, in a folder of its own where it finds tfjs; `remove` deletes it. */
export async function bundledProgram(
  entry: string,
): Promise<{ readonly child: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(root, 'node_modules', '.reader-'));
  const child = join(folder, 'child.mjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@tensorflow/*'],
    tsconfig: join(root, 'tsconfig.json'),
    logLevel: 'error',
  });
  return { child, remove: () => rm(folder, { recursive: true, force: true }) };
}
