import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { printable, printableLines, shown } from 'poseblocks/bytes';
import { main } from '../../src/cli';
import { contactSheet, doctor, imageFolder } from 'poseblocks/datasets/node';
import { directoryStore } from 'poseblocks/training/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let folder = '';
const annotations = (fileName: string): string => {
  const path = join(folder, 'annotations.json');
  const image = { id: 1, file_name: fileName, width: 8, height: 8 };
  const keypoints = Array.from({ length: 51 }, (_, i) => (i % 3 === 2 ? 2 : 3));
  const person = { id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 0, 0], keypoints, num_keypoints: 17, area: 9, iscrowd: 0 }; // prettier-ignore
  const category = { id: 1, name: 'person', keypoints: Array.from({ length: 17 }, (_, k) => `k${k}`), skeleton: [] };
  writeFileSync(path, JSON.stringify({ images: [image], annotations: [person], categories: [category] }));
  return path;
};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
  mkdirSync(join(folder, 'images', 'inner'), { recursive: true });
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  for (const name of ['outside.png', 'images/a.png', 'images/inner/..b.png']) writeFileSync(join(folder, name), png);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what annotations name lies in their folder', () => {
  const images = (): string => join(folder, 'images');

  it.each(['../outside.png', 'inner/../../outside.png', '/etc/hostname', '..', 'a.png\0'])('%j is not opened', async (name) => {
    await expect(imageFolder(images())({ fileName: name })).rejects.toThrow('must lie in the folder of the images');
    const diagnosis = await doctor({ annotations: annotations(name), images: images() });
    const { message } = diagnosis.findings.find(({ check }) => check === 'unreadable-image')!;
    expect(message).toContain('must lie in the folder of the images');
    const sheet = await contactSheet({ ...diagnosis, images: images() });
    // Red is in the picture outside alone.
    const { data } = await sharp(sheet).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    let red = 0;
    for (let i = 0; i < data.length; i += 3) if (data[i]! > 250 && data[i + 1]! < 5 && data[i + 2]! < 5) red++;
    expect(red).toBe(0);
  }); // prettier-ignore

  it.each(['a.png', 'inner/..b.png', './a.png', 'inner/../a.png'])('%s is', async (fileName) => {
    expect(await imageFolder(images())({ fileName })).toMatchObject({ width: 8, height: 8 });
  });

  it.each(['../x', 'a/b', '..', '', '/x', 'a\\b'])('a store has no file %j', async (name) => {
    const store = directoryStore(folder);
    await expect(store.read(name)).rejects.toThrow(RangeError);
    await expect(store.write(name, new Uint8Array(1))).rejects.toThrow('a name must be a file name, not a path');
  });
});

describe('what is printed', () => {
  it('shows control characters, and sends none', () => {
    expect(printable('a\x1b[2J\x07\u202eb\x9b')).toBe('a\\x1b[2J\\x07\\u202eb\\x9b');
    expect(printableLines('a\n\tb\r\x1b')).toBe('a\n\tb\\x0d\\x1b');
    expect(shown({ name: 'x\x1b]0;y\x07' })).toBe('{"name":"x\\x1b]0;y\\x07"}');
  });

  it('by the doctor, of a file name with escapes', async () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (written.push(String(text)), true));
    try {
      await main(['doctor', '--annotations', annotations('\x1b[2J\x9b31m.png'), '--images', join(folder, 'images')]);
    } finally {
      spy.mockRestore();
    }
    expect(written.join('')).toContain('\\x1b[2J\\x9b31m.png');

    expect(written.join('')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  });
});
