import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { syntheticPeople } from 'poseblocks/datasets';
import { LSP, MPII } from 'poseblocks/keypoints';
import { seededRandom } from 'poseblocks/random';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-skeletons-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const write = (name: string, value: unknown): string => {
  writeFileSync(path(name), JSON.stringify(value));
  return path(name);
};

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(['eval', ...args], { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
type Json = { summary: Record<string, number | null> } & Record<string, Record<string, number | string>[]>;
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out) as Json;

const BEETLE = ['head', 'tail', 'left_leg', 'right_leg'];
const category = { id: 1, name: 'beetle', keypoints: BEETLE, skeleton: [[1, 2]] };
const images = Array.from({ length: 6 }, (_, i) => ({ id: i + 1, file_name: `${i + 1}.png`, width: 100, height: 100 }));
const SHAPE = [50, 20, 50, 80, 20, 50, 80, 50];
const annotations = images.map(({ id }) => ({
  id,
  image_id: id,
  category_id: 1,
  bbox: [15, 15, 70, 70],
  area: 2500,
  num_keypoints: 4,
  iscrowd: 0,
  keypoints: [0, 1, 2, 3].flatMap((k) => [SHAPE[2 * k]!, SHAPE[2 * k + 1]!, 2]),
}));
/** Two pixels off; the last beetle has its legs exchanged. */
const results = annotations.map(({ image_id, keypoints }, i) => {
  const order = i === 5 ? [0, 1, 3, 2] : [0, 1, 2, 3];
  return { image_id, category_id: 1, score: 0.9 - 0.1 * i, keypoints: order.flatMap((k) => [keypoints[3 * k]! + 2, keypoints[3 * k + 1]!, 1]) }; // prettier-ignore
});
const beetles = ['--annotations', write('beetles.json', { images, annotations, categories: [category] }), '--results', write('found.json', results)]; // prettier-ignore

describe('eval of a skeleton of one’s own', () => {
  it('takes names and flip pairs from the file, and says that the sigmas are 0.05', async () => {
    const { code, out, err } = await run(...beetles, '--per-keypoint', '--errors', '--json');
    expect(code).toBe(0);
    expect(err).toMatch(/^Sigmas: 0\.05 for each of 4 keypoints, because \S*beetles\.json has keypoints of its own/);
    const report = JSON.parse(out) as Json;
    expect(report['keypoints']!.map(({ name }) => name)).toEqual(BEETLE);
    // 4 px² / (2 · 2500 · 0.1²) is an OKS of 0.923, right at nine of ten thresholds; the exchanged one has half of it.
    expect(report.summary['AP50']).toBeCloseTo(5 / 6, 1);
    const inversions = report['errors']!.find(({ kind }) => kind === 'inversion')!;
    expect(inversions['count']).toBe(2);
  });

  it('estimates sigmas from the same people annotated again', async () => {
    const { next } = seededRandom(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const many = Array.from({ length: 400 }, (_, i) => ({ ...annotations[0]!, id: i + 1, image_id: 1 + (i % 6) }));
    const noisy = () =>
      many.map((person) => ({
        ...person,
        // 1, 2, 3 and 4 pixels in each direction: √2 times that as distance, of a size of 50.
        keypoints: person.keypoints.map((v, i) => (i % 3 === 2 ? v : v + (1 + Math.floor(i / 3)) * normal())),
      }));
    const first = write('first.json', { images, annotations: noisy(), categories: [category] });
    const again = write('again.json', { images, annotations: noisy(), categories: [category] });
    const { code, err } = await run('--annotations', first, '--results', path('found.json'), '--sigmas', again);
    expect(code).toBe(0);
    const [, people, list] = /estimated from (\d+) people annotated twice .*: ([\d., ]+)\.$/.exec(err)!;
    expect(people).toBe('400');
    list!.split(', ').forEach((sigma, k) => {
      const expected = (Math.SQRT2 * (k + 1)) / 50;
      expect(Math.abs(Number(sigma) - expected) / expected).toBeLessThan(0.1);
    });
  });

  it('refuses categories of different keypoints, and one that is labelled in nobody', async () => {
    const other = { id: 2, name: 'ant', keypoints: ['a', 'b', 'c', 'd'], skeleton: [] };
    const both = write('both.json', { images, annotations, categories: [category, other] });
    const { code, err } = await run('--annotations', both, '--results', path('found.json'));
    expect([code, err.includes('categories must have the same keypoints')]).toEqual([2, true]);
    const again = await run(...beetles, '--sigmas', path('beetles.json'));
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('at two different places') as string]);
  });

  it('shows −1 as none, and as null of the object', async () => {
    const table = await run(...beetles);
    expect(table.out).toMatch(/AP +0\.50:0\.95 +large +20 +none/);
    expect((await json(...beetles)).summary['APL']).toBeNull();
    const missed = await run(...beetles, '--min', 'APL=0.1');
    expect([missed.code, missed.err]).toEqual([1, expect.stringContaining('APL must be at least 0.1. Received: none')]);
    await run(...beetles, '--html', path('none.html'));
    expect(readFileSync(path('none.html'), 'utf8')).toContain('<td>none</td>');
  });
});

describe('eval: bounds of any metric', () => {
  it('holds least and most', async () => {
    expect((await run(...beetles, '--metric', 'pck', '--min', 'PCK=0.9', '--min', 'AP50=0.5')).code).toBe(0);
    const low = await run(...beetles, '--metric', 'pck', '--threshold', '0.01', '--min', 'PCK=0.9');
    expect([low.code, low.err]).toEqual([1, expect.stringContaining('PCK must be at least 0.9. Received: 0.')]);
    expect((await run(...beetles, '--metric', 'epe', '--max', 'EPE=2.001')).code).toBe(0);
    const high = await run(...beetles, '--metric', 'epe', '--max', 'EPE=1.9');
    expect([high.code, high.err]).toEqual([1, expect.stringContaining('EPE must be at most 1.9. Received: 2')]);
    const other = await run(...beetles, '--min', 'PCK=0.9');
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('--metric pck measures it')]);
  });
});

describe('eval: the protocols of single people', () => {
  const human = (names: readonly string[]) =>
    names.flatMap((name, k) => [name.startsWith('left') ? 60 : name.startsWith('right') ? 20 : 40, 10 + 5 * k, 2]);
  const file = (name: string, names: readonly string[], found: number) => {
    const people = images.map(({ id }) => ({ ...annotations[0]!, id, image_id: id, keypoints: human(names), num_keypoints: names.length })); // prettier-ignore
    const predicted = people.slice(0, found).map(({ image_id, keypoints }) => ({ image_id, category_id: 1, score: 1, keypoints })); // prettier-ignore
    return ['--annotations', write(`${name}.json`, { images, annotations: people, categories: [{ id: 1, name, keypoints: names, skeleton: [] }] }), '--results', write(`${name}-found.json`, predicted)]; // prettier-ignore
  };

  it('LSP: people without a detection are wrong; the observer’s sides are those seen', async () => {
    const args = file('lsp', LSP.names, 4);
    const whole = await json(...args, '--metric', 'lsp');
    expect(whole.summary['PCK']).toBeCloseTo(4 / 6, 12);
    expect(whole['lsp']!.map(({ centric }) => centric)).toEqual(['person', 'observer']);
    expect(whole['lsp']![0]!['ankle']).toBeCloseTo(4 / 6, 12);
    expect((await json(...args, '--metric', 'lsp', '--of', 'met')).summary['PCK']).toBe(1);
    const exchanged = JSON.parse(readFileSync(path('lsp-found.json'), 'utf8')) as { keypoints: number[] }[];
    for (const { keypoints } of exchanged)
      for (const [a, b] of LSP.flipPairs)
        for (const i of [0, 1]) [keypoints[3 * a + i], keypoints[3 * b + i]] = [keypoints[3 * b + i]!, keypoints[3 * a + i]!]; // prettier-ignore
    write('lsp-found.json', exchanged);
    const swapped = (await json(...args, '--metric', 'lsp')).summary;
    expect(swapped['PCK-OC']).toBeCloseTo(4 / 6, 12);
    expect(swapped['PCK']).toBeLessThan(0.2);
  });

  it('PCKh: in percent, by the head’s length where there are no head boxes', async () => {
    const args = file('mpii', MPII.names, 3);
    const { code, out, err } = await run(...args, '--metric', 'pckh', '--json');
    expect(code).toBe(0);
    expect(err).toContain('Head size: from head_top to upper_neck, because there are no head boxes; 6 of 6');
    const report = JSON.parse(out) as Json;
    expect(report.summary['PCKh']).toBeCloseTo(50, 10);
    expect(report['pckh']![0]!['wrist']).toBeCloseTo(50, 10);
    const beetle = await run(...beetles, '--metric', 'pckh');
    expect([beetle.code, beetle.err]).toEqual([2, expect.stringContaining('needs head boxes')]);
  });

  it('reads MPII’s annotations, whose people have no boxes', async () => {
    const names = ['a.jpg', 'b.jpg'];
    const records = names.map((image) => ({ image, center: [40, 48], scale: 0.5, joints: human(MPII.names).filter((_, i) => i % 3 < 2).reduce<number[][]>((list, v, i) => (i % 2 === 0 ? [...list, [v]] : [...list.slice(0, -1), [...list.at(-1)!, v]]), []), joints_vis: MPII.names.map(() => 1) })); // prettier-ignore
    const annotated = write('mpii-records.json', records);
    const theirs = { images: names.map((file_name, i) => ({ id: 7 + i, file_name })) };
    const found = [{ image_id: 8, category_id: 1, score: 1, keypoints: human(MPII.names).map((v, i) => (i % 3 === 2 ? 1 : v - 1)) }]; // prettier-ignore
    const args = ['--annotations', annotated, '--results', write('mpii-two.json', found), '--result-images', write('mpii-names.json', theirs)]; // prettier-ignore
    const report = await json(...args, '--metric', 'pckh');
    expect(report.summary['PCKh']).toBeCloseTo(50, 10);
    expect(report['pckh']![0]!['people']).toBe(2);
  });

  it('finds the images of predict’s results by their names', async () => {
    const renumbered = results.map((result) => ({ ...result, image_id: result.image_id + 100 }));
    const theirs = { images: images.map(({ id, file_name }) => ({ id: id + 100, file_name: `set/${file_name}` })) };
    const moved = ['--annotations', path('beetles.json'), '--results', write('moved.json', renumbered)];
    expect((await run(...moved)).err).toContain('results[0].image_id must be one of the images');
    const named = await json(...moved, '--result-images', write('names.json', theirs));
    expect(named).toEqual(await json(...beetles));
  });
});

describe('eval: the report', () => {
  const { json: people, images: pictures } = syntheticPeople({ seed: 5, count: 4, imageSize: [160, 120], people: [1, 2] }); // prettier-ignore
  beforeAll(async () => {
    mkdirSync(path('pictures'));
    for (const [i, { data, width, height }] of pictures.entries())
      await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(path(`pictures/${people.images[i]!.file_name}`)); // prettier-ignore
  });

  it('shows the worst people of each kind of error with their pictures', async () => {
    const found = people.annotations.slice(1).map(({ image_id, keypoints, area }) => ({
      image_id,
      category_id: 1,
      score: 0.5,
      keypoints: keypoints.map((v, i) => (i === 0 ? v + 2 * Math.sqrt(area) : i % 3 === 2 ? 1 : v)),
    }));
    const args = ['--annotations', write('people.json', people), '--results', write('people-found.json', found)];
    const page = path('worst.html');
    const { code, err } = await run(...args, '--html', page, '--images', path('pictures'));
    expect([code, err]).toEqual([0, '']);
    const html = readFileSync(page, 'utf8');
    const section = (title: string) => html.slice(html.indexOf(`<h2>${title}`)).split('</section>')[0]!;
    const miss = section('Miss');
    const noses = people.annotations.slice(1).filter(({ keypoints }) => keypoints[2]! > 0).length;
    expect(noses).toBeGreaterThan(1);
    expect(miss.match(/<figure>/g)).toHaveLength(noses);
    expect(miss.match(/data:image\/jpeg;base64/g)).toHaveLength(noses);
    expect(miss).toMatch(/annotation \d+; nose; OKS 0\.9\d; score 0\.50/);
    expect(section('Missed people').match(/<figure>/g)).toHaveLength(1);
    expect(section('Inversion')).toContain('None.');
    rmSync(path(`pictures/${people.images[0]!.file_name}`));
    const absent = await run(...args, '--html', page, '--images', path('pictures'));
    expect([absent.code, absent.err]).toEqual([0, expect.stringContaining(people.images[0]!.file_name)]);
  });

  it('needs a page for pictures', async () => {
    const { code, err } = await run(...beetles, '--images', folder);
    expect([code, err]).toEqual([2, expect.stringContaining('--images must go with --html')]);
  });
});
