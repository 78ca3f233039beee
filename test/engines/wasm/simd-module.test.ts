import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { baseOf, compile, moduleFile, variants } from '../../../scripts/build-simd';
import type { Variant } from '../../../scripts/build-simd';
import { moduleBytes } from '../../../src/engines/wasm/simd/variants';

const root = new URL('../../../', import.meta.url);

/** The ids of a module's sections. */
function sections(bytes: Uint8Array): number[] {
  const found: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    found.push(bytes[at++]!);
    let size = 0;
    let shift = 0;
    for (let more = true; more; shift += 7) {
      const byte = bytes[at++]!;
      size |= (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
    at += size;
  }
  return found;
}

const START = 8;
const ELEMENTS = 9;
const DATA = 11;

describe.each(Object.keys(variants) as Variant[])('the %s module', (variant) => {
  let built: Uint8Array;

  beforeAll(async () => {
    process.chdir(fileURLToPath(root));
    built = await compile(variant);
  });

  test('is in the repository as its source builds it', async () => {
    const base = baseOf(variant);
    const { path, source } = moduleFile(variant, built, base && (await compile(base)));
    expect(await readFile(new URL(path, root), 'utf8')).toBe(source);
    const bytes = moduleBytes(base ?? (variant as 'plain' | 'relaxed'), base !== undefined);
    expect(Buffer.compare(bytes, built)).toBe(0);
  });

  test('imports the memory alone, and brings no data that would lie over the engine’s own', () => {
    expect(sections(built).filter((id) => [START, ELEMENTS, DATA].includes(id))).toEqual([]);
    const limits = variant.endsWith('Shared') ? '\x03\x01\x80\x80\x04' : '\x00\x01';
    const text = Buffer.from(built).toString('latin1');
    expect(text.split('env').length).toBe(2);
    expect(text).toContain(`\x01\x03env\x06memory\x02${limits}`);
  });
});
