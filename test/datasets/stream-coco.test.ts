import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetError, jsonElements, readCoco, streamCoco, syntheticPeople, type Skip } from 'poseblocks/datasets';
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
  for await (const { key } of jsonElements(counted(), { keys: ['images'], source: 'x' })) {
    expect(key).toBe('images');
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
  await expect(all(streamCocoFile(path))).rejects.toThrow(`${path}, categories[0]: must not end in the middle`);
  rmSync(folder, { recursive: true });
  await expect(all(streamCocoFile(path))).rejects.toThrow(`${path}: must be a readable file`);
});

it.each([
  ['', 'must not end in the middle'],
  ['[1]', 'must be one JSON object (byte 0)'],
  ['{"annotations": [7]}', 'a.json, annotations[0]: must be an object (byte 17)'],
  ['{"annotations": {}}', 'annotations must be an array'],
  ['{"annotations": [{}, {"a": tru}]}', 'a.json, annotations[1]: must be valid JSON'],
  ['{"annotations": [{"a": 1}', 'must not end in the middle'],
])('rejects %s', async (text, message) => {
  const options = { keys: ['annotations'], source: 'a.json' };
  const error = await all(jsonElements(pieces(new TextEncoder().encode(text), 5), options)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatasetError);
  expect((error as Error).message).toContain(message);
});

it('bounds the memory of one object', async () => {
  const options = { keys: ['annotations'], source: 'a.json', maxElementBytes: 50 };
  const text = `{"annotations": [{"a": "${'x'.repeat(100)}"}]}`;
  await expect(all(jsonElements(pieces(new TextEncoder().encode(text), 20), options))).rejects.toThrow(
    'must be shorter',
  );
});
