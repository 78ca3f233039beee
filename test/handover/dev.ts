import { writeHandover } from '../../src/handover/node';
import { readLspFile } from '../../src/datasets/node';
import { useEngine } from '../../src/engines';
import { lpnModel, hourglassModel, simccModel } from './models';
await useEngine('cpu');
const which = process.argv[2]!;
const model = { lpn: lpnModel, hg: hourglassModel, simcc: simccModel }[which]!();
const { persons } = await readLspFile('/work/shared/data/lsp/joints.mat');
const images = '/work/shared/data/lsp/images';
const report = await writeHandover(model as any, { out: process.argv[3]!, training: { persons: persons.slice(0, 64), images }, validation: { persons: persons.slice(100, 130), images },
  batchSize: 8, optimizer: { name: 'adam', rate: 1e-3 }, schedule: { epochs: 10, milestones: [5] }, shardSize: 20, workers: 1,
  ...(process.argv[4] === 'aug' && { augmentation: { color: 0.2, cutout: 0.5 } }), onPlan: (p) => console.log(p) });
console.log(report.written, report.seconds, report.skipped.length);
