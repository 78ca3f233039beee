import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

const require = createRequire(import.meta.url);
// Below the repository, so that what the copy itself needs is found.
const folder = join('out', `two-copies-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('useEngine warns once when a program has loaded a second copy of tfjs-core', async () => {
  mkdirSync(folder, { recursive: true });
  const copy = join(process.cwd(), folder, 'tf-core.cjs');
  copyFileSync(require.resolve('@tensorflow/tfjs-core'), copy);
  require(copy); // the program's own, loaded first

  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { useEngine } = await import('poseblocks/engines');
  await useEngine('cpu');
  await useEngine('cpu');
  const lines = said.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('one copy'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('a program must load one copy of @tensorflow/tfjs-core. Received: two.');
  expect(lines[0]).toContain('npm ls @tensorflow/tfjs-core');
});
