import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, syntheticPeople, type Finding } from 'poseblocks/datasets';
import { contactSheet, doctor } from 'poseblocks/datasets/node';
import { main } from 'poseblocks/cli';
import { COCO } from 'poseblocks/keypoints';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { json, images } = syntheticPeople({ seed: 6, count: 400, imageSize: [64, 64] });
const good = {
  ...json,
  annotations: json.annotations.filter(({ num_keypoints, area }) => num_keypoints > 0 && area > 0),
};
const small = {
  ...good,
  images: good.images.slice(0, 3),
  annotations: good.annotations.filter(({ image_id }) => image_id < 3),
};
const change = (more: object) => ({
  ...small,
  annotations: small.annotations.map((record, i) => (i === 0 ? { ...record, ...more } : record)),
});
const found = (findings: readonly Finding[]) => findings.map(({ check }) => check);
const first = small.annotations[0]!;

describe('diagnose', () => {
  it('finds nothing in a good file', () => {
    const { findings, counts, keypointSet } = diagnose(good);
    expect(findings).toEqual([]);
    expect(counts).toEqual({
      images: json.images.length,
      annotations: good.annotations.length,
      labelled: good.annotations.length,
    });
    expect(keypointSet).toBe(COCO);
  });

  it.each<[string, object, string]>([
    ['missing-box', { bbox: undefined }, 'bbox must be [x, y, width, height]. Received: nothing.'],
    ['missing-box', { bbox: [1, 2, 0, 3] }, 'Received: [1,2,0,3].'],
    ['zero-area', { area: 0 }, 'area must be positive. Received: 0.'],
    ['unknown-image', { image_id: 99 }, 'image_id 99 is not in images.'],
    ['keypoint-count', { keypoints: [1, 2, 2] }, 'keypoints must hold 51 numbers. Received: 3 values.'],
    ['visibility', { keypoints: first.keypoints.with(2, 3) }, 'nose ['],
    ['visibility', { keypoints: COCO.names.flatMap(() => [5, 5, 0]) }, '17 keypoints misuse visibility'],
    ['outside-image', { keypoints: COCO.names.flatMap(() => [65, 5, 2]) }, '17 labelled keypoints lie outside'],
  ])('finds %s: %#', (check, more, message) => {
    const { findings } = diagnose(change(more));
    const [finding] = findings.filter((one) => one.check === check);
    expect(finding).toMatchObject({ id: first.id });
    expect(finding!.message).toContain(message);
  });

  it('reports long limbs once for each person: the longest, or the size where most limbs seem too long', () => {
    const whole = good.annotations.findIndex(({ num_keypoints: labelled }) => labelled === 17);
    const limbs = (change: (record: (typeof good.annotations)[number]) => object): readonly string[] => {
      const annotations = good.annotations.map((record, i) =>
        i === whole ? { ...record, ...change(record) } : record,
      );
      return diagnose({ ...good, annotations }).findings.flatMap(({ check, message }) => (check === 'long-limb' ? [message] : [])); // prettier-ignore
    };
    const [left, top, width, height] = good.annotations[whole]!.bbox as [number, number, number, number];
    const tiny = limbs(() => ({ bbox: [left + width / 2, top + height / 2, width / 12, height / 12], area: 1 }));
    expect(tiny).toEqual([expect.stringMatching(/^\d+ of \d+ limbs are up to [\d.]+ times .* box or area is probably too small\.$/)]); // prettier-ignore
    const far = limbs(({ keypoints }) => ({ keypoints: keypoints.map((value, n) => (n === 3 * 9 ? value - 6 * width : value)) })); // prettier-ignore
    expect(far).toEqual([expect.stringMatching(/^left_elbow–left_wrist is [\d.]+ times as long as nearly everybody's, for its size\.$/)]); // prettier-ignore
  });

  it('finds duplicate ids, visibility of ones only, and keypoints without counterpart', () => {
    expect(found(diagnose({ ...small, annotations: [first, first] }).findings)).toContain('duplicate-id');
    const ones = first.keypoints.map((value, i) => (i % 3 === 2 && value === 2 ? 1 : value));
    expect(found(diagnose({ ...small, annotations: [{ ...first, keypoints: ones }] }).findings)).toContain(
      'visibility-one',
    );
    const arm = {
      images: small.images,
      annotations: [],
      categories: [{ id: 1, name: 'arm', keypoints: ['left_grip', 'base'] }],
    };
    expect(diagnose(arm).findings).toMatchObject([
      { check: 'unpaired', message: '"left_grip" has no counterpart by name.' },
    ]);
  });

  it.each([
    ['eye', 0.6],
    ['ear', 0.6],
    ['shoulder', 0.3],
    ['knee', 0.3],
    ['wrist', 0], // follows from nothing: is not suspected at all
  ])('finds exchanged %ss, at least %d of them, and hardly any that are right', (name, least) => {
    const [l, r] = ['left', 'right'].map((side) => COCO.names.indexOf(`${side}_${name}`)) as [number, number];
    const swapped = new Set<number>();
    const annotations = good.annotations.map((record, i) => {
      const keypoints = [...record.keypoints];
      if (i % 10 !== 0 || keypoints[3 * l + 2] === 0 || keypoints[3 * r + 2] === 0) return record;
      swapped.add(record.id);
      for (let c = 0; c < 3; c++)
        [keypoints[3 * l + c], keypoints[3 * r + c]] = [keypoints[3 * r + c]!, keypoints[3 * l + c]!];
      return { ...record, keypoints };
    });
    const suspects = diagnose({ ...good, annotations }).findings.filter(({ check }) => check === 'left-right');
    const right = suspects.filter(({ id, message }) => swapped.has(id!) && message.startsWith(`left_${name} `)).length;
    expect(right).toBeGreaterThanOrEqual(least * swapped.size);
    expect(suspects.length - right).toBeLessThanOrEqual(1); // of about 2,500 pairs
  });

  it.each([[null], [7], ['text'], [[]], [{}], [{ images: {}, annotations: [null, 7, {}], categories: [[]] }]])(
    'survives %j',
    (input) => {
      expect(found(diagnose(input).findings)).toContain('malformed');
    },
  );
});

describe('doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
  const at = (name: string) => join(folder, name);
  const save = (name: string, value: object) => writeFileSync(at(name), JSON.stringify(value));
  beforeAll(async () => {
    for (const [i, { width, height, data }] of images.slice(0, 3).entries()) {
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(at(small.images[i]!.file_name));
    }
    const bytes = readFileSync(at(small.images[1]!.file_name));
    writeFileSync(at('cut.png'), bytes.subarray(0, bytes.length / 2));
    writeFileSync(at('twin.png'), bytes);
    save('good.json', small);
    const [a, b, c] = small.images;
    save('bad.json', {
      ...change({ area: 0 }),
      images: [
        { ...a, file_name: 'none.png' },
        { ...b, width: 65 },
        { ...c, file_name: 'cut.png' },
      ],
    });
    save('valid.json', {
      ...small,
      images: [
        { ...a, id: 70 },
        { ...b, id: 71, file_name: 'twin.png' },
      ],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds missing, damaged and mis-sized images, and leaks by name and by bytes', async () => {
    const bad = await doctor({ annotations: at('bad.json'), images: folder });
    expect(
      bad.findings.filter(({ check }) => /image/.test(check)).map(({ check, fileName }) => [check, fileName]),
    ).toEqual([
      ['unreadable-image', 'none.png'],
      ['image-size', small.images[1]!.file_name],
      ['unreadable-image', 'cut.png'],
    ]);
    const { findings } = await doctor({ annotations: at('good.json'), images: folder, validation: at('valid.json') });
    expect(
      findings.filter(({ check }) => check === 'leak').map(({ fileName, message }) => [fileName, message]),
    ).toEqual([
      [small.images[0]!.file_name, 'the same file name is in the training set.'],
      ['twin.png', `the training set has the same bytes as ${small.images[1]!.file_name}.`],
    ]);
    await expect(doctor({ annotations: at('none.json') })).rejects.toThrow('none.json: must be a readable file');
  });

  it('draws a contact sheet', async () => {
    const diagnosis = await doctor({ annotations: at('bad.json'), images: folder });
    const { width, height } = await sharp(await contactSheet({ ...diagnosis, images: folder })).metadata();
    expect([width, height]).toEqual([960, 284 * Math.ceil(diagnosis.findings.length / 4)]);
  });

  it('is a command: prints counts, and exits with 1 where something is wrong', async () => {
    const lines: string[] = [];
    const io = { print: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    expect(await main(['doctor', '--annotations', at('good.json'), '--images', folder], io)).toBe(0);
    expect(lines.join('\n')).toContain('No mistakes found.');
    const sheet = at('sheet.png');
    expect(await main(['doctor', '--annotations', at('bad.json'), '--images', folder, '--sheet', sheet], io)).toBe(1);
    expect(lines.join('\n')).toContain('zero-area: 1 (OKS divides by area');
    expect(readFileSync(sheet).length).toBeGreaterThan(1000);
    expect(await main(['doctor'], io)).toBe(2);
  });
});
