import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertDataset, holdOut, readBoxes, readCoco, syntheticPeople, usualSplit, type Person, type PoseDataset } from 'poseblocks/datasets'; // prettier-ignore
import { readPeopleFiles, readPoseFile } from 'poseblocks/datasets/node';
import { COCO, LSP, MPII } from 'poseblocks/keypoints';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-people-'));
const path = (name: string): string => join(folder, name);
const { json } = syntheticPeople({ seed: 3, count: 6, imageSize: [96, 96], people: [1, 1] });
const joints = MPII.names.map((_, k) => [10 + k, 20 + k]);
const mpii = [{ image: 'a.jpg', center: [40, 50], scale: 0.4, joints, joints_vis: MPII.names.map(() => 1) }];

beforeAll(() => {
  for (const name of ['coco/images', 'mpii']) mkdirSync(path(name), { recursive: true });
  writeFileSync(path('coco/people.json'), JSON.stringify(json));
  writeFileSync(path('mpii/valid.json'), JSON.stringify(mpii));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('readPoseFile', () => {
  it('tells MPII’s JSON from COCO’s by what is in it', async () => {
    expect(await readPoseFile(path('coco/people.json'))).toMatchObject({ format: 'coco', keypointSet: { names: COCO.names } }); // prettier-ignore
    expect(await readPoseFile(path('mpii/valid.json'))).toMatchObject({ format: 'mpii', keypointSet: { names: MPII.names } }); // prettier-ignore
  });

  it('says what a file is that is no annotation', async () => {
    writeFileSync(path('results.json'), JSON.stringify([{ image_id: 1, keypoints: [1, 2, 3], score: 1 }]));
    await expect(readPoseFile(path('results.json'))).rejects.toThrow('a list of results, which predictions are');
    writeFileSync(path('empty.json'), '[]');
    await expect(readPoseFile(path('empty.json'))).rejects.toThrow('a list of nothing');
    await expect(readPoseFile(path('coco'))).rejects.toThrow('must be a readable file');
    await expect(readPoseFile(path('mpii/valid.json'), { format: 'coco' })).rejects.toThrow('must be an object');
  });
});

describe('readPeopleFiles', () => {
  it('joins files by name, with images in the folder above them, and says what a file lacks', async () => {
    const pairs = [
      { annotations: path('coco/people.json'), images: path('coco/images') },
      { annotations: path('mpii/valid.json'), images: path('mpii') },
    ];
    const { training, folder: root, files } = await readPeopleFiles(pairs);
    expect([root, training.keypointSet.names, training.persons.length]).toEqual([folder, COCO.names, 7]);
    const last = training.persons.at(-1)!;
    expect(last.fileName).toBe('mpii/a.jpg');
    expect(training.persons[0]!.fileName).toBe(`coco/images/${json.images[0]!.file_name}`);
    const k = COCO.names.indexOf('left_wrist');
    const from = MPII.names.indexOf('left_wrist');
    expect([last.keypoints.xy[2 * k], last.keypoints.score[k]]).toEqual([10 + from - 1, 2]); // MPII counts from 1
    expect(last.keypoints.score[COCO.names.indexOf('nose')]).toBe(0);
    expect(files[1]).toMatchObject({ format: 'mpii', missing: ['nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear'] }); // prettier-ignore
  });

  it('leaves one file as it is', async () => {
    const pair = { annotations: path('coco/people.json'), images: path('coco/images') };
    expect((await readPeopleFiles([pair])).training.persons).toEqual(readCoco(json).persons);
  });

  it('names the folder that is none', async () => {
    const pair = { annotations: path('coco/people.json'), images: path('coco/people.json') };
    await expect(readPeopleFiles([pair])).rejects.toThrow('people.json: must be the folder of the images. Received: a file.'); // prettier-ignore
  });
});

describe('convertDataset', () => {
  it('takes pelvis and thorax midway, and refuses sets without a name in common', () => {
    const coco = readCoco(json);
    const [person] = convertDataset(coco, MPII).persons;
    const of = (name: string, set: { names: readonly string[] }, { keypoints }: Person, axis: 0 | 1): number =>
      keypoints.xy[2 * set.names.indexOf(name) + axis]!;
    const original = coco.persons[0]!;
    for (const axis of [0, 1] as const) {
      const middle = (of('left_hip', COCO, original, axis) + of('right_hip', COCO, original, axis)) / 2;
      expect(of('pelvis', MPII, person!, axis)).toBeCloseTo(middle, 4);
    }
    const other = { ...LSP, name: 'other', names: LSP.names.map((name) => `my ${name}`) };
    expect(() => convertDataset(coco, other)).toThrow('the sets must share keypoints by name');
  });
});

describe('holdOut and usualSplit', () => {
  const person = (imageId: number): Person => ({ ...readCoco(json).persons[0]!, imageId, fileName: `im${String(imageId + 1).padStart(4, '0')}.jpg`, id: imageId }); // prettier-ignore
  const dataset = (count: number): PoseDataset => ({ keypointSet: LSP, persons: Array.from({ length: count }, (_, i) => person(i)), skipped: [] }); // prettier-ignore

  it('hold out every tenth image, nobody twice', () => {
    const { training, heldOut } = holdOut(dataset(25));
    expect(heldOut.persons.map(({ imageId }) => imageId)).toEqual([9, 19]);
    expect(training.persons).toHaveLength(23);
    expect(holdOut(dataset(3)).heldOut.persons.map(({ imageId }) => imageId)).toEqual([2]);
    expect(() => holdOut(dataset(1))).toThrow('at least two images. Received: 1.');
  });

  it('divides Leeds Sports Poses at its thousand, and knows no other', () => {
    const { training, heldOut } = usualSplit(dataset(2000));
    expect([training.persons.length, heldOut.persons[0]!.fileName]).toEqual([1000, 'im1001.jpg']);
    expect(() => usualSplit(readCoco(json))).toThrow('must be Leeds Sports Poses');
  });
});

describe('readBoxes', () => {
  it('reads annotations without keypoints, leaves out crowds, and keeps images without a box', () => {
    const images = [{ id: 4, file_name: 'a.jpg', width: 9, height: 8 }, { id: 5, file_name: 'b.jpg' }]; // prettier-ignore
    const annotations = [
      { id: 1, image_id: 4, category_id: 3, bbox: [1, 2, 3, 4] },
      { id: 2, image_id: 4, category_id: 3, bbox: [1, 2, 3, 4], iscrowd: 1 },
    ];
    expect(readBoxes({ images, annotations })).toEqual([
      { imageId: 4, fileName: 'a.jpg', size: [9, 8], boxes: [{ box: [1, 2, 3, 4], score: 1, categoryId: 3 }] },
      { imageId: 5, fileName: 'b.jpg', boxes: [] },
    ]);
  });

  it('names a list’s images as COCO does, or by the annotations; other categories and lower scores go', () => {
    const list = [0.9, 0.2].map((score) => ({ image_id: 785, category_id: 1, bbox: [0, 0, 5, 5], score }));
    const others = [{ ...list[0], category_id: 2 }];
    expect(readBoxes([...list, ...others], { minScore: 0.5 })).toMatchObject([{ fileName: '000000000785.jpg', boxes: [{ score: 0.9 }] }]); // prettier-ignore
    const annotations = { images: [{ id: 785, file_name: 'my.png' }] };
    expect(readBoxes(list, { annotations })[0]).toMatchObject({ fileName: 'my.png', boxes: [{}, {}] });
    expect(() => readBoxes([{ image_id: 1, bbox: [1, 2] }])).toThrow('bbox.length must be 4');
    expect(() => readBoxes({ images: [] })).toThrow('must hold annotations, or be a list of detections');
  });
});

const { folder: lsp, absent } = photographs('lsp');
describeWhere('Leeds Sports Poses', absent, () => {
  it('is told from its MATLAB file, and divided by --split’s function', async () => {
    const { files, training, heldOut } = await readPeopleFiles([{ annotations: `${lsp}/joints.mat`, images: `${lsp}/images` }], { split: true }); // prettier-ignore
    expect(files[0]).toMatchObject({ format: 'lsp', persons: 2000 });
    expect([training.persons.length, heldOut.persons.length]).toEqual([1000, 1000]);
  });
});
