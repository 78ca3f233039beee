/**
 * The pictures of docs/studio.md, out of those that the tests of the studio take of each view.
 *
 *     HUMAN_MODELS=folder npx vitest run test/studio && npx tsx scripts/site/studio-pictures.ts
 */
import { join } from 'node:path';
import sharp from 'sharp';

const FROM = process.env['STUDIO_SCREENSHOTS'] ?? 'out/studio';
const PICTURES = {
  see: 'see-camera',
  models: 'models',
  compare: 'compare-photograph',
  train: 'label-trained',
  evaluate: 'evaluate-report',
} as const;

for (const [name, view] of Object.entries(PICTURES)) {
  const to = `docs/images/studio-${name}.webp`;
  const { size } = await sharp(join(FROM, `${view}-1440-light.png`))
    .resize({ width: 1000 })
    .webp({ quality: 70 })
    .toFile(to);
  console.log(`${to}: ${(size / 1000).toFixed(0)} kB`);
}
