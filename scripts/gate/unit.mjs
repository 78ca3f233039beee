import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, run, StepError } from './shell.mjs';

/** All of vitest. WebGPU has a step of its own. */
export const unitTests = (total) => vitest(total, { seconds: 1500 });

/** What numerics rest on, on WebGPU: a machine's own adapter or Chromium's software driver. */
const WEBGPU = ['test/blocks', 'test/heads', 'test/postprocess', 'test/engines/predict-and-train.test.ts'];
const ATTEMPTS = 4;

/**
 * The suites on WebGPU, a process for each. A file whose process ended (a driver's fault, where it is none of ours), and only such a one, is run again and
 * that is printed. A test that fails fails.
 */
export async function webgpuTests(total) {
  const notes = [];
  for (const path of WEBGPU) {
    for (let attempt = 1; ; attempt++) {
      try {
        notes.push(`${path} ${await vitest(total, { files: [path], engines: 'webgpu', seconds: 300 })}`);
        break;
      } catch (error) {
        if (!error.crashed || attempt === ATTEMPTS) throw error;
        console.log(`  the driver ended the process of ${path}: once more`);
      }
    }
  }
  return notes.join('; ');
}

/** Counts what the JSON report says, never the exit code alone. */
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
  const crashed = engines !== undefined && failure !== undefined;
  if (!existsSync(report))
    throw Object.assign(new StepError(failure?.message ?? 'vitest left no report.', 'npm run unit'), { crashed });
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  rmSync(folder, { recursive: true, force: true });
  const counts = `${numPassedTests} passed, ${numFailedTests} failed`;
  // A process that was ended has failed without one failing test.
  if (crashed && numFailedTests === 0)
    throw Object.assign(new StepError(`vitest: the process ended. ${counts}.`, 'npm run unit'), { crashed });
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests + (numTodoTests ?? 0);
  must(engines !== undefined || numPassedTests > 0, `No test ran: ${counts}.`, 'npm run unit');
  if (failure !== undefined || numFailedTests > 0 || numFailedTestSuites > 0)
    throw Object.assign(new StepError(`vitest: ${counts}.`, 'Run one file again: npx vitest run test/<room>/<file>'), {
      counted: numFailedTests > 0,
    });
  return counts;
}
