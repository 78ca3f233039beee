/**
 * Time and memory of `readCocoFiles` and `evaluateAccumulator` as detections grow to a million, each size in a process of
 * its own: `npx tsx bench/metrics/growth.ts`. Results go to bench/results/coco-growth.csv.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { evaluateAccumulator } from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';
import { crowd } from './crowd';

const sizes = (process.env['SIZES'] ?? '62500,125000,250000,500000,1000000').split(',').map(Number);
const partSize = 62_500;

if (process.argv[2] === 'measure') {
  const [annotations, results] = process.argv.slice(3) as [string, string];
  const start = performance.now();
  const accumulator = await readCocoFiles({ annotations, results });
  const read = performance.now();
  const before = process.cpuUsage();
  evaluateAccumulator(accumulator);
  const { user, system } = process.cpuUsage(before);
  const seconds = [(read - start) / 1000, (performance.now() - read) / 1000, (user + system) / 1e6];
  console.log([...seconds.map((s) => s.toFixed(3)), (process.resourceUsage().maxRSS / 1024).toFixed(0)].join(','));
} else {
  const lines = ['machine,node,detections,seconds to read,seconds to evaluate,processor seconds to evaluate,peak MB'];
  for (const detections of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
    const [gt, dt] = [join(folder, 'gt.json'), join(folder, 'dt.json')];
    // Written in parts of 62 500: one string could not hold a million.
    const file = createWriteStream(dt);
    const annotations: object[] = [];
    const images: object[] = [];
    for (let part = 0; part < detections / partSize; part++) {
      const { dataset, results } = crowd({ images: 6500, people: 13_000, detections: partSize, seed: part + 1 });
      const shift = <T extends { image_id: number }>(record: T): T => ({
        ...record,
        image_id: record.image_id + 6500 * part,
      });
      images.push(...dataset.images.map(({ id }) => ({ id: id + 6500 * part })));
      annotations.push(...dataset.annotations.map((a) => ({ ...shift(a), id: a.id + 13_000 * part })));
      const text = JSON.stringify(results.map(shift)).slice(1, -1);
      if (!file.write(`${part === 0 ? '[' : ','}${text}`)) await once(file, 'drain');
    }
    file.end(']');
    await once(file, 'close');
    writeFileSync(gt, JSON.stringify({ images, annotations, categories: [{ id: 1 }] }));
    const self = fileURLToPath(import.meta.url);
    const out = execFileSync(process.execPath, [...process.execArgv, self, 'measure', gt, dt], { encoding: 'utf8' });
    lines.push(`"${cpus()[0]!.model.trim()} × ${cpus().length}",${process.version},${detections},${out.trim()}`);
    console.log(lines.at(-1));
    rmSync(folder, { recursive: true });
  }
  writeFileSync(new URL('../results/coco-growth.csv', import.meta.url), `${lines.join('\n')}\n`);
}
