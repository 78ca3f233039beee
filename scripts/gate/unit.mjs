import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, run, StepError } from './shell.mjs';

/** What numerics rest on, on WebGPU: a machine's own adapter or Chromium's software driver. */
const WEBGPU = [
  'test/blocks',
  'test/heads',
  'test/postprocess',
  'test/engines/predict-and-train.test.ts',
  'test/engines/webgpu',
  'test/training/optimizers.test.ts',
];

/** All of vitest. WebGPU has a step of its own. */
export const unitTests = (total) => vitest(total, { seconds: 1500 });

/** The suites of WebGPU on it alone. Where the machine has none, one line says why. */
export async function webgpuTests(total) {
  try {
    await run(['node', 'node_modules/tsx/dist/cli.mjs', 'test/support/webgpu-here.ts'], { seconds: 120 });
  } catch (error) {
    total.skipped++;
    return `skipped, WebGPU does not run here: ${error.message.trim().split('\n').at(-1)}`;
  }
  return vitest(total, { files: WEBGPU, engines: 'webgpu', seconds: 900 });
}

/** Counts what the JSON report says, never the exit code alone: a process that was ended fails without a failing test. */
async function vitest(total, { files = [], engines, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-vitest-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const env = engines === undefined ? {} : { POSEBLOCKS_ENGINES: engines };
  let failure;
  try {
    await run(['node', 'node_modules/vitest/vitest.mjs', 'run', ...files, ...reporters], { show: true, seconds, env });
  } catch (error) {
    failure = error;
  }
  must(existsSync(report), failure?.message ?? 'vitest left no report.', 'npm run unit');
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  rmSync(folder, { recursive: true, force: true });
  const counts = `${numPassedTests} passed, ${numFailedTests} failed`;
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests + (numTodoTests ?? 0);
  must(numPassedTests > 0, `No test ran: ${counts}.`, 'npm run unit');
  const how = failure !== undefined && numFailedTests === 0 ? ` ${failure.message}.` : '';
  if (failure !== undefined || numFailedTests > 0 || numFailedTestSuites > 0)
    throw Object.assign(
      new StepError(`vitest: ${counts}.${how}`, 'Run one file again: npx vitest run test/<folder>/<file>'),
      {
        counted: numFailedTests > 0,
      },
    );
  return counts;
}
