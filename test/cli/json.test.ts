import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { syntheticPeople } from 'poseblocks/datasets';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

it('reproduce --json lists a paper’s rows as one value', async () => {
  const { code, out } = await run('reproduce', '000', '--list', '--json');
  const { paper, rows } = JSON.parse(out) as { paper: string; rows: { row: string; state: string }[] };
  expect([code, paper]).toEqual([0, '000']);
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.every(({ row, state }) => row !== '' && state !== 'run')).toBe(true);
});

it('handover --json prints what was written as one value', async () => {
  const { json, images } = syntheticPeople({ seed: 5, count: 12, imageSize: [96, 96], people: [1, 1] });
  mkdirSync(path('images'));
  for (const [i, { data, width, height }] of images.entries())
    await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(path(`images/${json.images[i]!.file_name}`)); // prettier-ignore
  writeFileSync(path('people.json'), JSON.stringify(json));
  const files = ['--annotations', path('people.json'), '--images', path('images')];
  const { code, out, err } = await run('handover', '--recipe', 'lpn-50', '--size', '64x64', '--batch', '4', ...files, '--out', path('over'), '--engine', 'wasm', '--json'); // prettier-ignore
  expect([code, err]).toEqual([0, expect.stringContaining('people, ')]);
  expect(JSON.parse(out)).toMatchObject({ out: path('over'), skipped: [] });
});
