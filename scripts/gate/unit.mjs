import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, run, StepError } from './shell.mjs';

/** The whole of vitest. Counts what its JSON report says, never its exit code alone. */
export async function unitTests(total) {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-vitest-'));
  const report = join(folder, 'report.json');
  let failure;
  try {
    await run(
      [
        'node',
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { show: true, seconds: 1080 },
    );
  } catch (error) {
    failure = error;
  }
  must(existsSync(report), failure?.message ?? 'vitest left no report.', 'npm run unit');
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  rmSync(folder, { recursive: true, force: true });
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests + (numTodoTests ?? 0);
  const counts = `${numPassedTests} passed, ${numFailedTests} failed`;
  must(numPassedTests > 0, `No test ran: ${counts}.`, 'npm run unit');
  if (failure !== undefined || numFailedTests > 0 || numFailedTestSuites > 0)
    throw Object.assign(new StepError(`vitest: ${counts}.`, 'Run one file again: npx vitest run test/<room>/<file>'), {
      counted: numFailedTests > 0,
    });
  return counts;
}
