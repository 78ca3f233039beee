import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/coco_keypoint_eval_fixture.json', import.meta.url), 'utf8'),
) as { ground_truth: { image_id: number }[]; detections: unknown[]; stats: number[] };
const images = [...new Set(fixture.ground_truth.map(({ image_id }) => image_id))].map((id) => ({ id }));

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const [gt, dt] = [path('gt.json'), path('dt.json.gz')];
writeFileSync(gt, JSON.stringify({ images, annotations: fixture.ground_truth }));
writeFileSync(dt, gzipSync(JSON.stringify(fixture.detections)));
const files = ['--annotations', gt, '--results', dt];

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('poseblocks eval', () => {
  it('prints the ten figures as a table, JSON or CSV, from json and json.gz', async () => {
    const json = JSON.parse((await run('eval', ...files, '--format', 'json')).out) as { coco: { value: number }[] };
    const found = json.coco.map(({ value }) => value);
    fixture.stats.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-12));
    const { out, code } = await run('eval', ...files);
    expect(code).toBe(0);
    expect(
      out
        .split('\n')
        .slice(0, 3)
        .map((line) => line.split(/ +/)),
    ).toEqual([
      ['metric', 'oks', 'area', 'maxDets', 'value'],
      ['AP', '0.50:0.95', 'all', '20', '0.3351'],
      ['AP', '0.50', 'all', '20', '0.5705'],
    ]);
    const csv = (await run('eval', ...files, '--format', 'csv')).out.split('\n');
    expect(csv[0]).toBe('table,metric,oks,area,maxDets,value');
    expect(Number(csv[1]!.split(',')[5])).toBe(found[0]);
  });

  it('adds keypoints and errors, and measures distances', async () => {
    const of = async (...args: string[]) =>
      JSON.parse((await run('eval', ...files, '--format', 'json', ...args)).out) as Record<
        string,
        Record<string, unknown>[]
      >;
    const all = await of('--per-keypoint', '--errors');
    expect(all['keypoints']!.map(({ name }) => name).slice(0, 2)).toEqual(['nose', 'left_eye']);
    expect(all['errors']!.map(({ kind }) => kind)).toEqual([
      'jitter',
      'inversion',
      'swap',
      'miss',
      'missed',
      'spurious',
    ]);
    const { pck, keypoints } = await of('--metric', 'pck', '--threshold', '0.2', '--per-keypoint');
    expect(pck![0]!['mean']).toBeGreaterThan(0.5);
    expect(keypoints).toHaveLength(17);
    for (const metric of ['auc', 'epe', 'nme'])
      expect((await of('--metric', metric))[metric]![0]!['mean']).toBeGreaterThan(0);
  });

  it('measures distances in boxes, torsos, between keypoints, or in pixels', async () => {
    const mean = async (metric: string, ...args: string[]) => {
      const json = (await run('eval', ...files, '--format', 'json', '--metric', metric, ...args)).out;
      return (JSON.parse(json) as Record<string, { mean: number }[]>)[metric]![0]!.mean;
    };
    expect(await mean('nme', '--normalizer', '10')).toBeCloseTo((await mean('epe')) / 10, 12);
    expect(await mean('nme', '--normalizer', 'box')).toBe(await mean('nme'));
    expect(await mean('pck', '--normalizer', 'torso')).toBe(await mean('pdj'));
    expect(await mean('nme', '--normalizer', 'left_shoulder,right_hip')).toBe(
      await mean('nme', '--normalizer', 'torso'),
    );
  });

  it('writes a page with the tables and the curves', async () => {
    const page = path('report.html');
    const { out } = await run('eval', ...files, '--html', page, '--per-keypoint', '--errors');
    expect(out).toBe((await run('eval', ...files, '--per-keypoint', '--errors')).out);
    const html = readFileSync(page, 'utf8');
    expect([...html.matchAll(/<h2>([^<]*)</g)].map(([, title]) => title)).toEqual([
      'COCO keypoint evaluation',
      'Per keypoint',
      'Errors and the AP that each kind costs',
      'Precision over recall',
    ]);
    expect(html).toContain('>0.335<');
    for (const name of ['left_wrist', 'inversion', 'OKS 0.50: AP 0.570', 'OKS 0.95: AP 0.171'])
      expect(html).toContain(`>${name}<`);
  });

  it('merges shards to the figures of the whole', async () => {
    const shards = ['2', '0', '1'].map((i) => path(`shard-${i}`));
    for (const [i, part] of ['2', '0', '1'].entries()) {
      expect((await run('eval', ...files, '--shard', `${part}/3`, '--out', shards[i]!)).code).toBe(0);
    }
    const whole = await run('eval', ...files, '--format', 'json', '--per-keypoint');
    expect(await run('eval', 'merge', ...shards, '--format', 'json', '--per-keypoint')).toEqual(whole);
  });

  it('has exit codes for CI', async () => {
    expect((await run('eval', ...files, '--min-ap', '0.33')).code).toBe(0);
    const low = await run('eval', ...files, '--min-ap', '0.34');
    expect([low.code, low.err.includes('at least 0.34')]).toEqual([1, true]);
  });

  it.each([
    [['eval'], '--annotations and --results must name files'],
    [['eval', ...files, '--format', 'xml'], '--format must be one of table, json, csv. Received: xml.'],
    [['eval', ...files, '--metric', 'mota'], '--metric must be one of'],
    [['eval', ...files, '--sigmas', '0.1,x'], '--sigmas must be coco, mpii, lsp, positive numbers, or a .json file'],
    [['eval', ...files, '--sigmas', 'lsp'], 'annotations[0].keypoints.length must be 42'],
    [['eval', ...files, '--shard', '3/3', '--out', 'x'], '--shard must be I/N'],
    [['eval', ...files, '--shard', '0/3'], '--shard needs --out'],
    [
      ['eval', ...files, '--metric', 'pck', '--normalizer', 'head'],
      '--normalizer must be box, torso, NAME,NAME or pixels',
    ],
    [
      ['eval', ...files, '--metric', 'pck', '--normalizer', 'nose,tail'],
      'between must name keypoints of coco. Received: "tail"',
    ],
    [['eval', 'merge', gt, '--sigmas', 'lsp'], 'eval merge: --sigmas must be given when the shards are written'],
    [['eval', ...files, '--min-ap', 'high'], '--min-ap must be a number'],
    [['eval', ...files, '--wrong'], '--wrong'],
    [['eval', 'merge', gt], 'must be the output of cocoAccumulatorToBytes'],
    [['eval', '--annotations', path('none.json'), '--results', dt], 'none.json'],
    [['evaluate'], 'Received: evaluate. poseblocks --help lists'],
    [[], 'Received: nothing. poseblocks --help lists'],
  ])('%j is refused with code 2', async (args, message) => {
    const { code, err } = await run(...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  it('names file, record and field of a bad record, and a broken gzip', async () => {
    writeFileSync(path('bad.json'), '[{"image_id": 1, "category_id": 1, "score": NaN}]');
    const bad = await run('eval', '--annotations', gt, '--results', path('bad.json'));
    expect(bad.err).toBe(`${path('bad.json')}: results[0].score must be a finite number. Received: "NaN".`);
    writeFileSync(path('cut.gz'), readFileSync(dt).subarray(0, 300));
    const cut = await run('eval', '--annotations', gt, '--results', path('cut.gz'));
    expect(cut.err).toContain(`${path('cut.gz')}: must be intact gzip data`);
  });
});
