import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonRecords } from 'poseblocks/coco';
import { DatasetError, readCoco, streamCoco, syntheticPeople, type Skip } from 'poseblocks/datasets';
import { streamCocoFile } from 'poseblocks/datasets/node';
import { expect, it } from 'vitest';

const { json } = syntheticPeople({ seed: 2, count: 20, imageSize: [64, 64] });
/** COCO's own order: the categories come last; strings that would confuse a careless scanner. */
const file = {
  info: { description: 'a "quoted" ] } \\ text', nested: [{ annotations: [1, 2] }] },
  images: json.images,
  annotations: json.annotations.map((record) => ({ ...record, note: 'ünï}c"ode]{[' })),
  categories: json.categories,
};
const bytes = new TextEncoder().encode(JSON.stringify(file, null, 1));

async function* pieces(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < data.length; i += size) yield data.subarray(i, i + size);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

it.each([1, 7, 1000, 1e9])('streams what readCoco reads, in pieces of %d bytes', async (size) => {
  const whole = readCoco(file);
  const skipped: Skip[] = [];
  const persons = await all(streamCoco(() => pieces(bytes, size), { onSkip: (skip) => skipped.push(skip) }));
  expect(persons).toEqual(whole.persons);
  expect(skipped).toEqual(whole.skipped);
});

it('reads no further than it is asked to', async () => {
  let read = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces(bytes, 100)) {
      read += piece.length;
      yield piece;
    }
  }
  for await (const { list } of jsonRecords(counted(), { lists: ['images'], source: 'x' })) {
    expect(list).toBe('images');
    break;
  }
  expect(read).toBeLessThan(1000);
});

it('reads files and names them in errors', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
  const path = join(folder, 'a.json');
  writeFileSync(path, bytes);
  expect(await all(streamCocoFile(path))).toHaveLength(20);
  writeFileSync(path, bytes.subarray(0, bytes.length - 900));
  await expect(all(streamCocoFile(path))).rejects.toThrow(`${path}: must be complete. Received: an end at byte`);
  rmSync(folder, { recursive: true });
  await expect(all(streamCocoFile(path))).rejects.toThrow(`${path}: must be a readable file`);
});

it.each([
  ['', 'a.json: must hold JSON. Received: nothing.'],
  ['[1]', 'a.json: must start with { at byte 0. Received: "[".'],
  ['{"annotations": {}}', 'a.json: "annotations" must be a list. Received: "{" at byte 16.'],
  ['{"annotations": [{}, {"a": tru}]}', 'a.json: annotations[1] must be JSON.'],
  ['{"annotations": [{"a": 1}', 'a.json: must be complete. Received: an end at byte 25 inside annotations'],
  [`{"annotations": [${'['.repeat(200)}`, 'a.json: a record of annotations must be nested at most 128 deep'],
  [`{"info": ${'['.repeat(200)}`, 'a.json: "info" must be nested at most 128 deep'],
])('rejects %s', async (text, message) => {
  const options = { lists: ['annotations'], source: 'a.json' };
  const error = await all(jsonRecords(pieces(new TextEncoder().encode(text), 5), options)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SyntaxError);
  expect((error as Error).message).toContain(message);
});

it('bounds the memory of one record', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('{"annotations": [{"a": "');
    for (;;) yield new Uint8Array(2 ** 20).fill(0x78);
  }
  await expect(all(jsonRecords(endless(), { lists: ['annotations'], source: 'a.json' }))).rejects.toThrow(
    'a.json: a record of annotations must be at most 16777216 bytes',
  );
});

it('says of each error whose it is', async () => {
  const text = '{"images": [], "categories": [{"id": 1, "name": "p", "keypoints": ["a"]}], "annotations": [7]}';
  const error = await all(streamCoco(() => pieces(new TextEncoder().encode(text), 5))).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatasetError);
  expect((error as Error).message).toBe('annotations: annotations[0] must be an object. Received: 7.');
});
