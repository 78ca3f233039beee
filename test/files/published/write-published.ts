/**
 * Writes the files of `shapes.ts` into a folder, for `figures.py` to evaluate:
 *
 *   npx tsx test/files/published/write-published.ts /tmp/published && python test/files/published/figures.py /tmp/published test/fixtures/files/figures.json
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { filesOf, PUBLISHED } from './shapes';

const [folder = 'published'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const shape of PUBLISHED) {
  const { annotations, results } = filesOf(shape);
  writeFileSync(`${folder}/${shape.name}.json`, JSON.stringify(annotations));
  writeFileSync(`${folder}/${shape.name}.results.json`, JSON.stringify(results));
}
