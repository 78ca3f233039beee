import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { present } from '../support/engines';

/** A script that forgets disposeEngine() must end all the same, and one that calls it too. */
describe('a process that used an engine', () => {
  const cases = [...present.map((engine) => ({ engine, threads: 1 })), { engine: 'wasm', threads: 2 }].flatMap(
    (use) => [
      { ...use, dispose: true },
      { ...use, dispose: false },
    ],
  );
  it.each(cases)(
    'ends by itself: $engine, threads $threads, disposed $dispose',
    async ({ engine, threads, dispose }) => {
      const script = ['test/engines/exit/use-and-leave.ts', engine, String(threads), String(dispose)];
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', ...script], {
        timeout: 60_000,
      });
      expect(stdout).toContain(`8,8 on ${engine}`);
      if (threads > 1) expect(stdout).toContain(`with ${threads}`);
    },
  );
});
