import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curvesSvg, htmlReport, imageDataUrl, poseSvg, rowsSvg, tableHtml, tableSvg } from 'poseblocks/visualize';
import { imageFileUrl, toPng } from 'poseblocks/visualize/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { all, parseSvg } from './parse-svg';

const table = {
  caption: 'PCK & co',
  columns: ['joint', 'PCK@0.2', 'count', 'note'],
  rows: [
    ['left_wrist', 0.71249, 12, '<b>'],
    ['nose', 1, 3, undefined],
    ['right_ankle', NaN, undefined, 'none'],
  ],
} as const;
const cells = ['left_wrist', '0.712', '12', '<b>', 'nose', '1.000', '3', '–', 'right_ankle', '–', '–', 'none'];

describe('tables', () => {
  test('SVG: caption, header and cells; numbers to the right with even decimals', () => {
    const texts = all(tableSvg(table), 'text');
    expect(texts.map(({ text }) => text)).toEqual(['PCK & co', ...table.columns, ...cells]);
    expect(texts.slice(1, 5).map(({ attributes }) => attributes['text-anchor'])).toEqual([
      undefined,
      'end',
      'end',
      undefined,
    ]);
  });

  test('HTML: the same cells', () => {
    const nodes = parseSvg(`<svg>${tableHtml(table)}</svg>`);
    expect(nodes.filter(({ name }) => name === 'td').map(({ text }) => text)).toEqual(cells);
    expect(nodes.filter(({ name }) => name === 'th').map(({ attributes }) => attributes.class)).toEqual([undefined, 'number', 'number', undefined]); // prettier-ignore
  });

  test('shares keep their decimals though all are 0 or 1; digits are as told', () => {
    const shares = { columns: ['PCK', 'count'], rows: [[1, 2], [0, 1]] }; // prettier-ignore
    const texts = (digits?: number | number[]) =>
      all(tableSvg({ ...shares, ...(digits !== undefined && { digits }) }), 'text').map(({ text }) => text).slice(2); // prettier-ignore
    expect(texts()).toEqual(['1.000', '2', '0.000', '1']);
    expect(texts(1)).toEqual(['1.0', '2.0', '0.0', '1.0']);
    expect(texts([0, 2])).toEqual(['1', '2.00', '0', '1.00']);
  });

  test('an uneven row is an error', () => {
    expect(() => tableSvg({ columns: ['a', 'b'], rows: [[1, 2], [3]] })).toThrow(
      new RangeError('tableSvg: rows must have a cell for each of 2 columns. Received: 1 in row 1.'),
    );
    expect(() => tableHtml({ columns: [], rows: [] })).toThrow(RangeError);
  });
});

describe('rowsSvg', () => {
  const small = poseSvg({ xy: [1, 1] }, { skeleton: { edges: [] }, size: [40, 30] });
  const large = poseSvg({ xy: [1, 1] }, { skeleton: { edges: [] }, size: [100, 80] });

  test('places each figure beside the last and each row below the highest', () => {
    const svg = rowsSvg([{ title: 'a & b', figures: [small, large] }, { title: 'c', figures: [small] }], { title: 'All' }); // prettier-ignore
    const [root, ...figures] = all(svg, 'svg');
    expect(root!.attributes).toMatchObject({ width: '156', height: '174', 'aria-label': 'All' });
    expect(figures.map(({ attributes }) => attributes['width'])).toEqual(['40', '100', '40']);
    const places = all(svg, 'g').flatMap(({ attributes }) => attributes['transform'] ?? []);
    expect(places).toEqual(['translate(0 24)', 'translate(56 24)', 'translate(0 144)']);
    expect(all(svg, 'text').map(({ text }) => text)).toEqual(['a & b', 'c']);
  });

  test('refuses what this module did not draw', () => {
    expect(() => rowsSvg([{ title: '', figures: ['<p>'] }])).toThrow(
      new TypeError('visualize: figures must be SVG of this module. Received: "<p>".'),
    );
    expect(all(rowsSvg([]), 'svg')).toHaveLength(1);
  });
});

describe('htmlReport', () => {
  const figure = curvesSvg([{ name: 'loss', y: [3, 2, 1] }]);
  const page = htmlReport({
    title: 'LPN <50>',
    text: ['One & two.', 'Three.'],
    sections: [
      { title: 'Figures', figures: [figure, { svg: figure, caption: 'a < b' }], tables: [table] },
      { title: 'Empty' },
    ],
  });

  test('holds the figures unchanged, with escaped words around them', () => {
    expect(page.split(figure)).toHaveLength(3);
    for (const part of [
      '<title>LPN &lt;50&gt;</title>',
      '<h1>LPN &lt;50&gt;</h1>',
      '<p>One &amp; two.</p><p>Three.</p>',
      '<figcaption>a &lt; b</figcaption>',
      '<h2>Empty</h2>',
    ])
      // prettier-ignore
      expect(page).toContain(part);
  });

  test('needs nothing from outside', () => {
    expect(page).not.toMatch(/<script|<link|src=|url\(|@import/);
    expect([...page.matchAll(/https?:\/\/[^"']+/g)].map(([url]) => url).filter((url) => url !== 'http://www.w3.org/2000/svg')).toEqual([]); // prettier-ignore
  });

  test('a file name instead of SVG is an error', () => {
    expect(() => htmlReport({ title: '', sections: [{ title: '', figures: ['loss.svg'] }] })).toThrow(
      new TypeError('htmlReport: figures must be SVG markup. Received: "loss.svg".'),
    );
  });
});

describe('in Node', () => {
  let folder: string;
  const red = Uint8Array.from({ length: 3 * 48 }, (_, i) => (i % 3 === 0 ? 255 : 0));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'visualize-'));
    await writeFile(join(folder, 'red.PNG'), Buffer.from(imageDataUrl(red, [8, 6]).split(',')[1]!, 'base64'));
    await writeFile(join(folder, 'red.txt'), 'red');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    [1, [8, 6]],
    [3, [24, 18]],
  ])('toPng at scale %d draws the embedded photograph at %j', async (scale, expected) => {
    const image = await imageFileUrl(join(folder, 'red.PNG'));
    const png = await toPng(poseSvg([], { size: [8, 6], skeleton: { edges: [] }, image }), { scale });
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual(expected);
    const middle = info.channels * (info.width * (info.height >> 1) + (info.width >> 1));
    expect([...data.subarray(middle, middle + 3)]).toEqual([255, 0, 0]);
  });

  test.each([
    [undefined, [255, 255, 255, 255]],
    ['transparent', [0, 0, 0, 0]],
    ['#102030', [16, 32, 48, 255]],
  ])('toPng on background %s', async (background, expected) => {
    const svg = poseSvg([], { size: [8, 6], skeleton: { edges: [] } });
    const raw = await sharp(await toPng(svg, background === undefined ? {} : { background })).ensureAlpha().raw().toBuffer(); // prettier-ignore
    expect([...raw.subarray(0, 4)]).toEqual(expected);
  });

  test('without sharp the error says what to install', async () => {
    vi.doMock('sharp', () => {
      throw new Error('not installed');
    });
    await expect(toPng(tableSvg(table))).rejects.toThrow('toPng: sharp must be installed. Run: npm install sharp');
    vi.doUnmock('sharp');
  });

  test('wrong input is an error', async () => {
    await expect(toPng(tableSvg(table), { scale: 0 })).rejects.toThrow(
      'toPng: scale must be above 0 and at most 32. Received: 0.',
    );
    await expect(toPng('not svg')).rejects.toThrow();
    await expect(imageFileUrl(join(folder, 'red.txt'))).rejects.toThrow(
      'imageFileUrl: the file must be one of .jpg, .jpeg, .png',
    );
    await expect(imageFileUrl(join(folder, 'missing.png'))).rejects.toThrow('ENOENT');
  });
});
