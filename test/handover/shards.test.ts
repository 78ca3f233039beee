import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cropImage, personCrop } from 'poseblocks/datasets';
import { decodeImage } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { checkHandover, writeHandover, type HandoverReport, type WriteHandoverOptions } from 'poseblocks/handover/node';
import { cropFromMatrix } from 'poseblocks/geometry';
import { lpn } from 'poseblocks/networks';
import { COCO } from 'poseblocks/keypoints';
import { cpnCodec, gaussianCodec } from 'poseblocks/targets';
import type { HandoverModel } from 'poseblocks/handover';
import { people } from './photographs';

let photographs: Awaited<ReturnType<typeof people>>;
let model: HandoverModel;
let out: string;
let first: HandoverReport;
const TRAINING = {
  batchSize: 4,
  optimizer: { name: 'adam', rate: 1e-3 },
  schedule: { epochs: 2 },
  augmentation: {},
  shardSize: 5,
  workers: 1,
} as const;

const write = (more: Partial<WriteHandoverOptions> = {}): Promise<HandoverReport> =>
  writeHandover(model, {
    out,
    training: { persons: photographs.persons.slice(0, 17), images: photographs.images },
    validation: { persons: photographs.persons.slice(17), images: photographs.images },
    ...TRAINING,
    ...more,
  });

beforeAll(async () => {
  await useEngine('cpu');
  photographs = await people(24);
  const network = lpn('lpn-50', { inputShape: [64, 32, 3], depths: [1, 1, 1, 1], widths: [8, 16, 32, 64] });
  model = { network, codec: gaussianCodec({ inputSize: [32, 64], heatmapSize: [8, 16] }), keypointSet: COCO };
  out = await mkdtemp(join(tmpdir(), 'poseblocks-handover-'));
  first = await write({ workers: 2 });
});
afterAll(async () => {
  model.network.dispose();
  for (const folder of [out, photographs.images]) await rm(folder, { recursive: true, force: true });
});

interface Npy {
  readonly header: string;
  readonly body: Buffer;
}
async function npy(name: string): Promise<Npy> {
  const bytes = await readFile(join(out, name));
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0]));
  const length = 10 + bytes.readUInt16LE(8);
  expect(length % 64).toBe(0);
  return { header: bytes.subarray(10, length).toString().trim(), body: bytes.subarray(length) };
}

describe('writeHandover', () => {
  it('writes all that training needs, and says what it takes before', async () => {
    expect(await readdir(out)).toEqual(
      expect.arrayContaining(['data.py', 'handover.json', 'launch', 'requirements.txt', 'start.keras', 'train.py', 'training', 'validation']), // prettier-ignore
    );
    // 32×64 and a margin of 0.3 on each axis, made even
    expect(first).toMatchObject({ persons: 24, size: [42, 84], bytesPerPerson: 3 * 42 * 84 + 17 * 17 + 8, shards: 6, written: 24 }); // prettier-ignore
    const files = await readdir(join(out, 'training'));
    const sizes = await Promise.all(files.filter((file) => file.endsWith('.npy')).map((file) => stat(join(out, 'training', file)))); // prettier-ignore
    const bytes = sizes.reduce((sum, { size }) => sum + size - 128, 0);
    expect(bytes).toBe(17 * first.bytesPerPerson);
  });

  it('stores the crop with a margin, whose middle is the very crop that the network takes', async () => {
    const person = photographs.persons[3]!;
    const { header, body } = await npy('training/00000.images.npy');
    expect(header).toBe(`{'descr': '|u1', 'fortran_order': False, 'shape': (5, 84, 42, 3), }`);
    const image = await decodeImage(join(photographs.images, person.fileName));
    const plain = personCrop(person, [32, 64]);
    const expected = cropImage(image, plain, { normalization: { channels: 'rgb', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } }); // prettier-ignore
    let apart = 0;
    for (let y = 0; y < 64; y++) {
      for (let i = 0; i < 96; i++) {
        const stored = body[3 * 84 * 42 * 3 + ((y + 10) * 42 + 5) * 3 + i]!;
        apart = Math.max(apart, Math.abs(stored - expected[96 * y + i]!));
      }
    }
    expect(apart).toBeLessThan(0.501); // what rounding to 8 bits loses
    const keypoints = await npy('training/00000.keypoints.npy');
    const [a, b, c, d, e, f] = plain.matrix;
    const moved = cropFromMatrix([a, b, c + 5, d, e, f + 10], [42, 84]).toInput(person.keypoints);
    const k = person.keypoints.score.findIndex((score) => score > 0);
    const at = 8 * (3 * 34 + 2 * k);
    expect(keypoints.body.readDoubleLE(at)).toBeCloseTo(moved.xy[2 * k]!, 3);
    expect(keypoints.body.readDoubleLE(at + 8)).toBeCloseTo(moved.xy[2 * k + 1]!, 3);
  });

  it('goes on where it was cut off, and writes the same bytes', async () => {
    const before = await readFile(join(out, 'training/00001.images.npy'));
    await rm(join(out, 'training/00001.json')); // as if ended before the shard was done
    await rm(join(out, 'training/00001.images.npy'));
    await rm(join(out, 'training/00003.images.npy')); // deleted by hand
    await rm(join(out, 'handover.json'));
    const again = await write();
    expect(again.written).toBe(7);
    expect(again.settings).toEqual(first.settings);
    expect(await readFile(join(out, 'training/00001.images.npy'))).toEqual(before);
    await checkHandover(out);
  });

  it('names the shard of which a bit has flipped', async () => {
    const path = join(out, 'training/00002.images.npy');
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 5000);
    const flip = (bit: number) => file.write(Buffer.from([buffer[0]! ^ bit]), 0, 1, 5000);
    try {
      await flip(8);
      await expect(checkHandover(out)).rejects.toThrow(/training\/00002\.images\.npy must have the checksum/);
      await expect(write()).rejects.toThrow(/training\/00002\.images\.npy must have the checksum/);
      await flip(0);
    } finally {
      await file.close();
    }
    await checkHandover(out);
  });

  it('refuses another hand-over in the same folder, and leaves out images that cannot be read', async () => {
    await expect(write({ margin: 1 })).rejects.toThrow(/must be of the same people and crops/);
    const elsewhere = await mkdtemp(join(tmpdir(), 'poseblocks-handover-'));
    const persons = photographs.persons.map((person, i) => (i === 2 ? { ...person, fileName: 'missing.png' } : person));
    const training = { persons, images: photographs.images };
    const { skipped, settings } = await writeHandover(model, { ...TRAINING, out: elsewhere, training });
    expect(skipped).toMatchObject([{ id: persons[2]!.id, fileName: 'missing.png' }]);
    expect(settings.data.training.shards.map(({ count }) => count)).toEqual([4, 5, 5, 5, 4]);
    await rm(elsewhere, { recursive: true });
  });

  it('refuses what it cannot hand over before it writes', async () => {
    const cpn = { ...model, codec: cpnCodec({ inputSize: [32, 64], heatmapSize: [8, 16] }) };
    const options = { out: '/nonexistent', training: { persons: photographs.persons, images: photographs.images }, ...TRAINING }; // prettier-ignore
    await expect(writeHandover(cpn, options)).rejects.toThrow(/codec must be gaussian or simcc.*Received: cpn/);
    const small = { ...model, codec: gaussianCodec({ inputSize: [32, 64], heatmapSize: [4, 8] }) };
    await expect(writeHandover(small, options)).rejects.toThrow(
      /outputs must be the codec's, 8×4×17. Received: 16×8×17/,
    );
    const augmentation = { halfBody: {} } as object;
    await expect(writeHandover(model, { ...options, augmentation })).rejects.toThrow(/Received: halfBody/);
    await expect(writeHandover(model, { ...options, batchSize: 100 })).rejects.toThrow(
      /at least one batch of people, 100/,
    );
  });
});
