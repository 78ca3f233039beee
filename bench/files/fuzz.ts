/**
 * Reads 100,000 changed files with each reader, in processes that watch themselves: a file that takes more than 2 s of the processor, a process larger than 300 MB, or an
 * error that is not clear fails the run. The changes know the formats: instructions of pickles, members of archives with their checksums, trees of JSON, fields of
 * protocol buffers, offsets that point elsewhere or at themselves.
 *
 *   npx tsx bench/files/fuzz.ts [COUNT] [READER …]   writes bench/results/fuzz-files.csv; exit code 1 where a file was read wrongly
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReaderName } from '../../test/files/fuzz/corpus';
import { fuzzChild, FUZZED, fuzzShare, type FuzzTotals } from '../../test/files/fuzz/share';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [countText = '100000', ...names] = process.argv.slice(2);
const count = Number(countText);
/** Files that one process reads; then its memory is counted anew. */
const SHARE = 10_000;

const out = join(root, 'bench/results/fuzz-files.csv');
const header = 'reader,files,read,refused,wrong,slowest seconds (CPU),largest process (MB),node';
const known = await readFile(out, 'utf8').catch(() => header);
const rows = new Map(known.trim().split('\n').slice(1).map((row) => [row.split(',')[0]!, row])); // prettier-ignore
const { child, remove } = await fuzzChild();
let wrong = 0;
for (const reader of names.length > 0 ? (names as ReaderName[]) : FUZZED) {
  const total: FuzzTotals = { read: 0, refused: 0, wrong: 0, slowest: 0, megabytes: 0 };
  for (let first = 0; first < count; first += SHARE) {
    const each = await fuzzShare(child, reader, first, Math.min(SHARE, count - first), (line) => console.error(`${reader}: ${line}`)); // prettier-ignore
    for (const key of ['read', 'refused', 'wrong'] as const) total[key] += each[key];
    for (const key of ['slowest', 'megabytes'] as const) total[key] = Math.max(total[key], each[key]);
  }
  wrong += total.wrong;
  const row = [reader, count, total.read, total.refused, total.wrong, total.slowest.toFixed(3), total.megabytes, process.version].join(','); // prettier-ignore
  console.log(row);
  rows.set(reader, row);
  await writeFile(out, [header, ...rows.values()].join('\n') + '\n');
}
await remove();
process.exitCode = wrong === 0 ? 0 : 1;
