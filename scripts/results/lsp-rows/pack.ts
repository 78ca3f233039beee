/**
 * Writes what train_rows.py trains on a machine with an accelerator: small images, keypoints, networks and settings, about 40 MB.
 *
 *   npx tsx scripts/results/lsp-rows/pack.ts --data ../shared/data --out out/lsp-rows
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lspSplit, type Person } from 'poseblocks/datasets';
import { readLspFile, withImageSizes } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { exportKeras } from 'poseblocks/interop';
import { LSP } from 'poseblocks/keypoints';
import sharp from 'sharp';
import { readZip } from '../../../src/bytes';
import { kerasFrozen } from '../../../src/handover/keras-frozen';
import { kerasGroups } from '../../../src/handover/keras-groups';
import { settingsOf } from '../../../src/handover/settings';
import { stretchedPeople } from '../../weights/stretched';
import { LEEDS_RUNS } from './runs';

const { values } = parseArgs({
  options: { data: { type: 'string', default: '../shared/data' }, out: { type: 'string', default: 'out/lsp-rows' } },
});
/** LSPET's people are stretched to this side, pixels. */
const SMALL = 144;

await useEngine('cpu');
mkdirSync(values.out, { recursive: true });
const [lsp, extended] = [join(values.data, 'lsp'), join(values.data, 'lspet')];
const leeds = await withImageSizes(await readLspFile(join(lsp, 'joints.mat')), join(lsp, 'images'));
const more = await withImageSizes(await readLspFile(join(extended, 'joints.mat')), join(extended, 'images'));

const people: Record<string, unknown[]> = { train: [], test: [], extended: [] };
const chunks: Buffer[] = [];
let at = 0;
function add(part: string, bytes: Buffer, { imageSize, keypoints: { xy, score } }: Person): void {
  chunks.push(bytes);
  people[part]!.push({
    at,
    length: bytes.length,
    size: imageSize,
    xy: [...xy].map((value) => Math.round(100 * value) / 100),
    score: [...score],
  });
  at += bytes.length;
}
for (const part of ['train', 'test'] as const)
  for (const person of lspSplit(leeds, part).persons)
    add(part, readFileSync(join(lsp, 'images', person.fileName)), person);
const inFolder = more.persons.map((person) => ({ ...person, fileName: `lspet/images/${person.fileName}` }));
const stretched = await stretchedPeople(inFolder, values.data, join(values.out, 'stretched'), 1e6);
for (const person of stretched) {
  const image = sharp(join(values.out, 'stretched', person.fileName))
    .resize(SMALL, SMALL)
    .webp({ quality: 70 });
  const factor = SMALL / person.imageSize![0];
  const xy = person.keypoints.xy.map((value) => value * factor);
  add('extended', await image.toBuffer(), { ...person, imageSize: [SMALL, SMALL], keypoints: { ...person.keypoints, xy } }); // prettier-ignore
}
writeFileSync(join(values.out, 'images.bin'), Buffer.concat(chunks));
writeFileSync(join(values.out, 'people.json'), JSON.stringify(people));

const networks: Record<string, unknown> = {};
const runs = [];
for (const run of LEEDS_RUNS) {
  const network = run.network();
  const exported = await exportKeras(network);
  networks[run.group] ??= JSON.parse(new TextDecoder().decode(readZip(exported, 'pack').get('config.json')));
  const { codec } = run;
  const settings = settingsOf(
    { network, codec, keypointSet: LSP },
    { ...run.settings, seed: run.seed },
    {
      crop: { size: codec.inputSize, align: 'edges' },
      groups: kerasGroups(network, exported),
      frozen: kerasFrozen(network),
      data: { training: { shards: [] }, validation: { shards: [] } },
      provenance: {},
    },
  );
  const { name, group, order, initialization, from = null, training, measured, weights } = run;
  runs.push({ name, group, order, initialization, from, training, measured, weights, settings });
  network.dispose();
  console.log(name, settings.frozen.length);
}
writeFileSync(join(values.out, 'networks.json'), JSON.stringify(networks));
writeFileSync(join(values.out, 'runs.json'), JSON.stringify(runs));
console.log(`${(at / 1e6).toFixed(1)} MB of images, ${stretched.length} of LSPET, ${runs.length} runs.`);
