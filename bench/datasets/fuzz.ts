/**
 * Reads mutated files with every reader, each in a process of its own, and records how many were read and rejected, the
 * slowest file, and the most memory. A crash, an error that does not name the file and the place, a file of more than ten
 * seconds or a process of more than 512 MiB ends it.
 * Usage: npx tsx bench/datasets/fuzz.ts [FILES] [READER …]
 */
import { spawnSync } from 'node:child_process';
import { fuzz, READERS } from '../../test/datasets/fuzz-readers';
import { record } from '../measure';

const [count = '100000', ...given] = process.argv.slice(2);
const names = given.length > 0 ? given : Object.keys(READERS);
if (names.length > 1) {
  for (const name of names) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, count, name], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exit(1);
  }
} else {
  const [name] = names as [string];
  const start = performance.now();
  const { read, rejected, slowest } = await fuzz(name, Number(count), 2);
  const peak = process.resourceUsage().maxRSS / 1024;
  if (slowest > 10_000 || peak > 512) throw new Error(`fuzz: ${name} took ${slowest} ms for a file, or ${peak} MiB.`);
  record('fuzz-readers', [
    {
      reader: name,
      files: Number(count),
      read,
      rejected,
      seconds: ((performance.now() - start) / 1000).toFixed(0),
      slowest_file_ms: slowest.toFixed(0),
      process_peak_mib: peak.toFixed(0),
    },
  ]);
  console.log(`${name}: ${read} read, ${rejected} rejected`);
}
