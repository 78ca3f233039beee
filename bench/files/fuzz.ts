/**
 * Reads 100,000 changed files with each reader, in processes that are ended at 20 s without progress; each file may take 2 s and the process 300 MB. The
 * changes know the formats: instructions of pickles, members of archives with their checksums, trees of JSON, fields of protocol buffers, offsets that point
 * elsewhere or at themselves.
 *
 *   npx tsx bench/files/fuzz.ts [COUNT] [READER …]   writes bench/results/fuzz-files.csv; exit code 1 where a file was read wrongly
 */
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READERS = ['pth', 'zip', 'safetensors', 'hdf5', 'mat', 'onnx', 'codec', 'coco', 'coco-eval', 'mpii', 'keras'];
const [countText = '100000', ...names] = process.argv.slice(2);
const count = Number(countText);
/** Files that one process reads; then its memory is counted anew. */
const SHARE = 10_000;
const PATIENCE = 60_000;

const folder = await mkdtemp(join(root, 'node_modules', '.fuzz-'));
const child = join(folder, 'child.mjs');
await build({ entryPoints: [join(root, 'test/files/fuzz/child.ts')], outfile: child, bundle: true, platform: 'node', format: 'esm', external: ['@tensorflow/*'], logLevel: 'error' }); // prettier-ignore

interface Share {
  read: number;
  refused: number;
  wrong: number;
  slowest: number;
  megabytes: number;
}

function share(reader: string, first: number, size: number): Promise<Share> {
  return new Promise((resolve) => {
    const run = spawn(process.execPath, ['--max-old-space-size=300', child, reader, String(first), String(size), root]);
    const result: Share = { read: 0, refused: 0, wrong: 0, slowest: 0, megabytes: 0 };
    let at = first;
    let rest = '';
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => (console.error(`${reader}: no progress after file ${at}`), run.kill('SIGKILL')),
        PATIENCE,
      );
    };
    let isWhole = false;
    wait();
    run.stdout.on('data', (chunk: Buffer) => {
      wait();
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const said = JSON.parse(line) as Partial<Share> & { at?: number; count?: number };
        if (said.at !== undefined) at = said.at;
        else if (said.count !== undefined) isWhole = Object.assign(result, said).count !== undefined;
        else console.error(`${reader}: ${line}`);
      }
    });
    run.stderr.on('data', (chunk: Buffer) => console.error(`${reader}: ${chunk.toString().slice(0, 500)}`));
    run.on('close', () => {
      clearTimeout(timer);
      resolve(isWhole ? result : { ...result, wrong: result.wrong + 1 });
    });
  });
}

const out = join(root, 'bench/results/fuzz-files.csv');
const header = 'reader,files,read,refused,wrong,slowest seconds (CPU),largest process (MB),node';
const known = await readFile(out, 'utf8').catch(() => header);
const rows = new Map(known.trim().split('\n').slice(1).map((row) => [row.split(',')[0]!, row])); // prettier-ignore
let wrong = 0;
for (const reader of names.length > 0 ? names : READERS) {
  const total: Share = { read: 0, refused: 0, wrong: 0, slowest: 0, megabytes: 0 };
  for (let first = 0; first < count; first += SHARE) {
    const { read, refused, wrong, slowest, megabytes } = await share(reader, first, Math.min(SHARE, count - first));
    total.read += read;
    total.refused += refused;
    total.wrong += wrong;
    total.slowest = Math.max(total.slowest, slowest);
    total.megabytes = Math.max(total.megabytes, megabytes);
  }
  wrong += total.wrong;
  const row = [reader, count, total.read, total.refused, total.wrong, total.slowest.toFixed(3), total.megabytes, process.version].join(','); // prettier-ignore
  console.log(row);
  rows.set(reader, row);
  await writeFile(out, [header, ...rows.values()].join('\n') + '\n');
}
await rm(folder, { recursive: true });
process.exitCode = wrong === 0 ? 0 : 1;
