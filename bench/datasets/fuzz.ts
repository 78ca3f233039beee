/**
 * Reads mutated files with every reader; prints how many were read and rejected, the time, and the most memory.
 * Usage: npx tsx bench/datasets/fuzz.ts [FILES] [READER …]
 */
import { fuzz, READERS } from '../../test/datasets/fuzz-readers';

const [count = '100000', ...names] = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(READERS)) {
  const start = performance.now();
  const { read, rejected } = await fuzz(name, Number(count), 2);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const most = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`${name}: ${read} read, ${rejected} rejected, ${seconds} s, at most ${most} MiB resident`);
}
