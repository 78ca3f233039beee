import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { diagnose, syntheticPeople } from 'poseblocks/datasets';
import { MPII } from 'poseblocks/keypoints';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-doctor-'));
const path = (name: string): string => join(folder, name);
const { json, images } = syntheticPeople({ seed: 12, count: 5, imageSize: [96, 96], people: [1, 1] });

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(['doctor', ...args], { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const write = (name: string, value: object): string => (writeFileSync(path(name), JSON.stringify(value)), path(name));
const raw = (i: number) => sharp(images[i]!.data, { raw: { width: 96, height: 96, channels: 3 } });

beforeAll(async () => {
  mkdirSync(path('train'));
  mkdirSync(path('valid'));
  for (const [i, { file_name: name }] of json.images.entries())
    await raw(i)
      .png()
      .toFile(path(`train/${name}`));
  // The first again, smaller, brighter and as a JPEG; and one that is drawn anew.
  await raw(0).resize(64, 64).modulate({ brightness: 1.1 }).jpeg({ quality: 60 }).toFile(path('valid/again.jpg'));
  const other = syntheticPeople({ seed: 99, count: 1, imageSize: [96, 96], people: [1, 1] }).images[0]!;
  await sharp(other.data, { raw: { width: 96, height: 96, channels: 3 } })
    .png()
    .toFile(path('valid/other.png'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('poseblocks doctor', () => {
  it('finds images of the validation set that hardly differ, and leaves others alone', async () => {
    const train = write('train.json', json);
    const valid = write('valid.json', {
      ...json,
      images: ['again.jpg', 'other.png'].map((name, i) => ({ id: 100 + i, file_name: name, width: 64, height: 64 })),
      annotations: [],
    });
    const args = ['--annotations', train, '--images', path('train'), '--validation', valid, '--validation-images', path('valid')]; // prettier-ignore
    const { code, out } = await run(...args, '--json', '--sheet', path('sheet.png'));
    const { findings } = JSON.parse(out) as { findings: { check: string; fileName: string; message: string }[] };
    expect([code, findings]).toEqual([
      0,
      [expect.objectContaining({ check: 'near-duplicate', fileName: 'again.jpg', message: `looks like ${json.images[0]!.file_name} of the training set.` })], // prettier-ignore
    ]);
    expect(existsSync(path('sheet.png'))).toBe(true);
  });

  it('writes no sheet where there is nothing to show', async () => {
    const { code, out } = await run('--annotations', write('clean.json', json), '--images', path('train'), '--sheet', path('none.png')); // prettier-ignore
    expect([code, out]).toEqual([0, expect.stringContaining('No mistakes found.')]);
    expect(existsSync(path('none.png'))).toBe(false);
  });

  it('mends into a new file what has one right answer, and lists it', async () => {
    const [first, ...others] = json.annotations;
    const bad = {
      ...json,
      images: json.images.map((image, i) => (i === 1 ? { ...image, width: 960 } : image)),
      annotations: [{ ...first!, id: 0, num_keypoints: 99 }, ...others, { ...others[0]!, id: 50 }],
    };
    const file = write('bad.json', bad);
    const { code, out } = await run('--annotations', file, '--images', path('train'), '--fix', path('mended.json'));
    expect(code).toBe(1);
    expect(out).toMatch(/mended\.json: 4 changes\.\n {2}image-size: .+: 960 × 96 became 96 × 96, as the file is\./);
    expect(out).toContain(`\n  twice, annotation 50: removed: the same as annotation ${others[0]!.id}.`);
    expect(out).toContain('\n  id-zero, annotation 0: id 0 became ');
    const mended: unknown = JSON.parse(readFileSync(path('mended.json'), 'utf8'));
    expect(diagnose(mended).findings).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(bad));
  });

  it('reads MPII’s form: somebody twice, and a joint outside the image that only the file knows the size of', async () => {
    const joints = MPII.names.map((_, k) => [30 + 2 * k, 20 + 4 * k]);
    const record = { image: json.images[0]!.file_name, center: [48, 50], scale: 0.4, joints, joints_vis: joints.map(() => 1) }; // prettier-ignore
    const outside = { ...record, image: json.images[1]!.file_name, joints: joints.map((joint, k) => (k === 3 ? [200, 40] : joint)) }; // prettier-ignore
    const file = write('mpii.json', [record, record, outside]);
    const { code, out } = await run('--annotations', file, '--images', path('train'), '--json');
    const { findings } = JSON.parse(out) as { findings: { check: string; id: number }[] };
    expect(code).toBe(1);
    expect(findings.map(({ check, id }) => [check, id])).toEqual(expect.arrayContaining([['twice', 2], ['outside-image', 3]])); // prettier-ignore
  });

  it('refuses what cannot be meant, in one line', async () => {
    for (const [args, message] of [
      [[], '--annotations must name a file'],
      [['--annotations', path('nowhere.json')], 'nowhere.json: must be a readable file'],
      [['--annotations', folder], 'must be a readable file'],
      [['--annotations', 'x.json', '--fix', 'x.json'], '--fix must name a file other than --annotations'],
      [['--annotations', 'x.json', '--shet', 'x'], 'Did you mean --sheet?'],
    ] as [string[], string][]) {
      const { code, err } = await run(...args);
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
      expect(err.split('\n')).toHaveLength(1);
    }
  });
});
