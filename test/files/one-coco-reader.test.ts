import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { diagnose, syntheticPeople } from 'poseblocks/datasets';
import { doctor, readCocoFile, streamCocoFile } from 'poseblocks/datasets/node';
import { evaluateAccumulator } from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { json } = syntheticPeople({ count: 12, seed: 5 });
const plain = Buffer.from(JSON.stringify(json));
const mark = Buffer.from([0xef, 0xbb, 0xbf]);
const results = json.annotations.map(({ image_id, category_id, keypoints }, i) => ({ image_id, category_id, keypoints, score: 1 - i / 100 })); // prettier-ignore

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
  writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('one COCO file, whoever reads it', () => {
  it.each([
    ['as it is', plain],
    ['with a byte-order mark', Buffer.concat([mark, plain])],
    ['compressed by gzip', gzipSync(plain)],
    ['in two members of gzip', Buffer.concat([gzipSync(plain.subarray(0, 1000)), gzipSync(plain.subarray(1000))])],
    ['compressed, with a mark inside', gzipSync(Buffer.concat([mark, plain]))],
  ])('%s', async (_, bytes) => {
    const path = join(folder, 'annotations.json');
    writeFileSync(path, bytes);
    const read = await readCocoFile(path);
    expect(read.persons.length).toBeGreaterThan(8);
    const streamed = [];
    for await (const person of streamCocoFile(path)) streamed.push(person);
    expect(streamed).toEqual(read.persons);
    const accumulator = await readCocoFiles({ annotations: path, results: join(folder, 'results.json') });
    expect(accumulator.tables.people.length).toBe(json.annotations.length);
    expect(evaluateAccumulator(accumulator).summary.AP).toBeCloseTo(1, 9);
    const { sizes, ...found } = await doctor({ annotations: path }); // sizes are of image files, and none are read here
    expect(found).toEqual(diagnose(json));
    expect(sizes.size).toBe(0);
  });

  it.each([
    ['an area that is text', { area: 'big' }, 'annotations[0].area must be a finite number. Received: "big".'],
    ['an infinite coordinate', { keypoints: [1e300, ...new Array<number>(50).fill(1)] }, 'annotations[0].keypoints[0] must be a finite number. Received: 1e+300.'],
    ['fifty numbers', { keypoints: new Array(50).fill(1) }, 'annotations[0].keypoints.length must be'],
    ['no box', { bbox: undefined }, 'annotations[0].bbox must be an array of 4 numbers'],
  ])('training and evaluation say the same of %s', async (_, fields, message) => {
    const path = join(folder, 'wrong.json');
    writeFileSync(path, JSON.stringify({ ...json, annotations: [{ ...json.annotations[0], ...fields }] }));
    await expect(readCocoFile(path)).rejects.toThrow(`${path}: ${message}`);
    await expect(readCocoFiles({ annotations: path, results: join(folder, 'results.json') })).rejects.toThrow(`${path}: ${message}`); // prettier-ignore
  });
}); // prettier-ignore
