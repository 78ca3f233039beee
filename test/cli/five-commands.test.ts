import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { useEngine } from 'poseblocks/engines';
import { seededRandom } from 'poseblocks/random';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-five-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = ['head', 'tail', 'left_front', 'right_front', 'left_middle', 'right_middle', 'left_rear', 'right_rear'];
/** Of a beetle that looks up, in lengths of its body. */
const SHAPE = [[0, -0.5], [0, 0.5], [-0.45, -0.5], [0.45, -0.5], [-0.5, 0], [0.5, 0], [-0.45, 0.45], [0.45, 0.45]] as const; // prettier-ignore
const COUNT = 12;

/** Beetles turned any way, one to a picture. */
async function drawBeetles(): Promise<void> {
  mkdirSync(join(folder, 'beetles/images'), { recursive: true });
  const { next } = seededRandom(4);
  const [images, annotations]: [object[], object[]] = [[], []];
  for (let id = 1; id <= COUNT; id++) {
    const [size, turn, cx, cy] = [40 + 20 * next(), 2 * Math.PI * next(), 60 + 8 * next(), 60 + 8 * next()];
    const at = SHAPE.map(([x, y]) => [cx + size * (x * Math.cos(turn) - y * Math.sin(turn)), cy + size * (x * Math.sin(turn) + y * Math.cos(turn))] as const); // prettier-ignore
    const legs = at.slice(2).map(([x, y]) => `<line x1="${cx}" y1="${cy}" x2="${x}" y2="${y}" stroke="#222" stroke-width="3"/>`); // prettier-ignore
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128"><rect width="128" height="128" fill="#b8c9a0"/>${legs.join('')}<g transform="translate(${cx} ${cy}) rotate(${(turn * 180) / Math.PI})"><ellipse rx="${size * 0.22}" ry="${size / 2}" fill="#613"/><circle cy="${-size / 2}" r="${size / 8}" fill="#111"/></g></svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(folder, `beetles/images/${id}.png`));
    const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
    const [x, y] = [Math.min(...xs) - 2, Math.min(...ys) - 2];
    const bbox = [x, y, Math.max(...xs) + 2 - x, Math.max(...ys) + 2 - y];
    images.push({ id, file_name: `${id}.png`, width: 128, height: 128 });
    annotations.push({ id, image_id: id, category_id: 1, iscrowd: 0, bbox, area: bbox[2]! * bbox[3]! * 0.5, num_keypoints: 8, keypoints: at.flatMap((point) => [...point, 2]) }); // prettier-ignore
  }
  const skeleton = [[1, 2], ...[3, 4, 5, 6, 7, 8].map((k) => [k, k < 5 ? 1 : 2])];
  const file = { images, annotations, categories: [{ id: 1, name: 'beetle', keypoints: NAMES, skeleton }] };
  writeFileSync(join(folder, 'beetles/train.json'), JSON.stringify(file));
}

/** The lines of the guide, as they stand there. */
function commandsOfGuide(): string[][] {
  const guide = readFileSync(new URL('../../docs/your-own-skeleton.md', import.meta.url), 'utf8');
  const [, block] = /## In five commands[\s\S]*?```bash\n([\s\S]*?)```/.exec(guide)!;
  return block!.trim().split('\n').map((line) => line.split(' ')); // prettier-ignore
}

beforeAll(async () => {
  await useEngine('wasm');
  await drawBeetles();
});

describe('the guide’s five commands', { timeout: 400_000 }, () => {
  it('go from photographs of a skeleton of one’s own to an ONNX file that draws itself', async () => {
    const lines = commandsOfGuide();
    expect(lines.map(([program, command]) => [program, command])).toEqual(['doctor', 'preview', 'train', 'export', 'predict'].map((name) => ['poseblocks', name])); // prettier-ignore
    const out: string[] = [];
    for (const [, command, ...args] of lines) {
      const moved = args.map((word) => (word.startsWith('beetles') ? join(folder, word) : word));
      const engine = ['train', 'export', 'predict'].includes(command!) ? ['--engine', 'wasm'] : [];
      const err: string[] = [];
      const code = await main([command!, ...moved, ...engine], { print: (line) => out.push(line), warn: (line) => err.push(line) }); // prettier-ignore
      expect([command, code, code === 0 ? '' : err.join('\n')]).toEqual([command, 0, '']);
    }
    const text = out.join('\n');
    expect(text).toContain(`${COUNT} images, ${COUNT} annotations, ${COUNT} persons with labelled keypoints.`);
    expect(text).toContain('No mistakes found.');
    expect(text).toMatch(
      /beetle\.onnx: [\d.]+ MB\. Run by onnxruntime-node: keypoints differ by at most 0\.\d+ pixels/,
    );
    expect(text).toContain(`${COUNT} people in ${COUNT} images`);
    for (const name of [
      'preview.html',
      'run/report.html',
      'run/best.safetensors',
      'beetle.onnx',
      'drawn/sheet.png',
      'drawn/results.json',
    ])
      // prettier-ignore
      expect([name, existsSync(join(folder, 'beetles', name))]).toEqual([name, true]);
    expect(readdirSync(join(folder, 'beetles/drawn/overlays'))).toHaveLength(COUNT);
    const results = JSON.parse(readFileSync(join(folder, 'beetles/drawn/results.json'), 'utf8')) as { keypoints: number[] }[]; // prettier-ignore
    results.forEach(({ keypoints }) => expect(keypoints).toHaveLength(24));
    const report = readFileSync(join(folder, 'beetles/run/report.html'), 'utf8');
    for (const name of NAMES) expect(report).toContain(name);
  });
});
