import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinDatasets, lspSplit, wholeImageCrop, type Person, type PoseDataset } from 'poseblocks/datasets';
import { withImageSizes } from 'poseblocks/datasets/node';
import { COCO, LSP } from 'poseblocks/keypoints';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const person = (id: number, fileName = `im${id}.jpg`): Person => ({
  id,
  imageId: id,
  fileName,
  box: [10, 20, 30, 60],
  keypoints: { frame: 'image', xy: new Float32Array(28).fill(25), score: new Float32Array(14).fill(2) },
  area: 1800,
  iscrowd: false,
});
const dataset = (persons: readonly Person[], keypointSet = LSP): PoseDataset => ({ keypointSet, persons, skipped: [] });

describe('lspSplit', () => {
  const all = dataset([0, 999, 1000, 1999].map((id) => person(id)));

  it('takes images 1 to 1000 for training and 1001 to 2000 for testing', () => {
    expect(lspSplit(all, 'train').persons.map(({ id }) => id)).toEqual([0, 999]);
    expect(lspSplit(all, 'test').persons.map(({ id }) => id)).toEqual([1000, 1999]);
  });

  it('refuses the extended set and other parts', () => {
    expect(() => lspSplit(dataset([person(2000, 'im02001.jpg')]), 'test')).toThrow('Received: im02001.jpg');
    expect(() => lspSplit(all, 'val' as never)).toThrow("must be 'train' or 'test'. Received: val");
  });
});

describe('joinDatasets', () => {
  it('numbers persons and images anew and names files from the shared folder', () => {
    const first = dataset([person(0, 'a.jpg'), { ...person(1, 'a.jpg'), imageId: 0 }]);
    const skip = { reason: 'no-keypoints', id: 9, fileName: 'z.jpg', detail: '' } as const;
    const second = { ...dataset([person(0, 'a.jpg')]), skipped: [skip] };
    const joined = joinDatasets([
      { dataset: first, folder: 'lsp/images' },
      { dataset: second, folder: 'lspet/images' },
    ]);
    expect(joined.persons.map(({ id, imageId, fileName }) => [id, imageId, fileName])).toEqual([
      [0, 0, 'lsp/images/a.jpg'],
      [1, 0, 'lsp/images/a.jpg'],
      [2, 1, 'lspet/images/a.jpg'],
    ]);
    expect(joined.skipped).toEqual([{ ...skip, fileName: 'lspet/images/z.jpg' }]);
    expect(joinDatasets([{ dataset: first }]).persons[0]!.fileName).toBe('a.jpg');
  });

  it('refuses none, and other keypoints', () => {
    expect(() => joinDatasets([])).toThrow('there must be a dataset');
    expect(() => joinDatasets([{ dataset: dataset([]) }, { dataset: dataset([], COCO) }])).toThrow(
      /part 1 .* Received: nose/,
    );
  });
});

describe('whole images', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'poseblocks-leeds-'));
    const picture = sharp({ create: { width: 80, height: 40, channels: 3, background: '#fff' } });
    await picture.png().toFile(join(folder, 'wide.png'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads sizes, and moves persons without an image to skipped', async () => {
    const both = dataset([person(0, 'wide.png'), person(1, 'none.png')]);
    const { persons, skipped } = await withImageSizes(both, folder);
    expect(persons.map(({ id, imageSize }) => [id, imageSize])).toEqual([[0, [80, 40]]]);
    expect(skipped).toMatchObject([{ reason: 'unreadable-image', id: 1, fileName: 'none.png' }]);
  });

  it('stretches an image to the input or keeps its proportions', async () => {
    const { persons } = await withImageSizes(dataset([person(0, 'wide.png')]), folder);
    const [stretched, contained] = (['stretch', 'contain'] as const).map((fit) =>
      wholeImageCrop({ fit })(persons[0]!, [64, 64]).toInput(persons[0]!.keypoints),
    );
    expect([...stretched!.xy.subarray(0, 2)]).toEqual([20, 40]);
    expect([...contained!.xy.subarray(0, 2)]).toEqual([20, 36]);
  });

  it('says how to get sizes', () => {
    expect(() => wholeImageCrop()(person(3), [64, 64])).toThrow('person 3 must have an imageSize');
  });
});
