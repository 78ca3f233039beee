import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-wrong-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
mkdirSync(path('empty'));
const image = { id: 1, file_name: 'a.jpg', width: 9, height: 9 };
const category = { id: 1, name: 'person', keypoints: ['a', 'b'], skeleton: [] };
const files: Readonly<Record<string, string>> = {
  'people.json': JSON.stringify({ images: [image], annotations: [], categories: [category] }),
  'results.json': JSON.stringify([{ image_id: 1, category_id: 1, keypoints: [1, 1, 1], score: 1 }]),
  'boxes.json': JSON.stringify([{ image_id: 1, category_id: 1, bbox: [1, 1, 2, 2], score: 1 }]),
  'object.json': JSON.stringify({ results: [] }),
  'broken.json': '{"images": [',
  'photo.jpg': 'no photograph',
  'model.safetensors': 'no model',
};
for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
const model = 'weights/synthetic-small.safetensors';

async function run(args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('the twenty likeliest wrong inputs', () => {
  const people = ['--annotations', path('people.json')];
  it.each<[string, string[], string]>([
    ['no command', [], 'COMMAND must be one of'],
    ['a mistyped command', ['trian'], 'Received: trian. Did you mean train?'],
    ['a mistyped option', ['eval', '--anotations', 'x'], 'Received: --anotations. Did you mean --annotations?'],
    ['an option without its value', ['train', '--recipe'], '--recipe must be followed by a value'],
    ['a value for a switch', ['predict', model, 'x', '--flip-test=yes'], '--flip-test takes no value'],
    ['a word too many', ['doctor', path('people.json')], 'each argument must belong to an option'],
    ['an unknown recipe', ['train', '--recipe', 'lpn50'], '--recipe must be one of lpn-50'],
    [
      'a number that is none',
      ['train', '--recipe', 'lpn-50', '--batch', 'many'],
      '--batch must be a whole number from 1. Received: many.',
    ],
    [
      'a size that is none',
      ['train', '--recipe', 'lpn-50', '--size', '64'],
      '--size must be a factor such as 0.5, or WIDTHxHEIGHT. Received: 64.',
    ],
    [
      'annotations without images',
      ['train', '--recipe', 'lpn-50', ...people],
      '--annotations and --images must be given together',
    ],
    [
      'annotations that are not there',
      ['doctor', '--annotations', path('none.json')],
      'none.json: must be a readable file',
    ],
    ['a folder for a file', ['eval', ...people, '--results', folder], 'results.json?'],
    [
      'JSON that is cut off',
      ['train', '--recipe', 'lpn-50', '--annotations', path('broken.json'), '--images', folder],
      'broken.json: must be valid JSON',
    ],
    [
      'results for annotations',
      ['preview', '--annotations', path('results.json'), '--images', folder],
      'a list of results, which predictions are',
    ],
    [
      'annotations of nobody',
      ['preview', ...people, '--images', folder],
      'must hold a person with keypoints. Received: none.',
    ],
    [
      'boxes for results',
      ['eval', ...people, '--results', path('boxes.json')],
      'poseblocks predict MODEL IMAGES --boxes FILE',
    ],
    ['an object for results', ['eval', ...people, '--results', path('object.json')], 'must be a list of records'],
    ['a model that is none', ['export', path('model.safetensors'), '--to', 'onnx'], 'loadPoseModel'],
    [
      'a model that is not there',
      ['predict', path('none.safetensors'), path('photo.jpg')],
      'the file must be readable',
    ],
    ['a folder without images', ['predict', model, path('empty')], 'the folder must hold images'],
    ['an engine of another name', ['export', model, '--to', 'onnx', '--engine', 'gpu'], '--engine must be one of auto'],
    ['a format of another name', ['export', model, '--to', 'tensorrt'], '--to must be one of onnx, keras, torch, tfjs'],
    [
      'a required metric without a value',
      ['eval', ...people, '--results', path('results.json'), '--min', 'AP50'],
      '--min must be NAME=VALUE',
    ],
    ['a network of another name', ['compare', 'hrnet32'], 'Did you mean hrnet-w32?'],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    const lines = err.split('\n').filter((line) => !/^(engine|device|threads|memory limit|largest tensor|missing kernels|chosen because) {2}/.test(line)); // prettier-ignore
    expect(lines).toHaveLength(1);
    expect(err).not.toMatch(/\n\s+at |TypeError|is not iterable|undefined/);
  });
});

describe('poseblocks', () => {
  it('says its version, and helps, with each command', async () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, out: manifest.version, err: '' });
    const help = await run(['--help']);
    const names = [...help.out.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name!);
    expect(names).toEqual(
      expect.arrayContaining(['predict', 'export', 'compare', 'train', 'doctor', 'preview', 'eval']),
    );
    for (const name of names) {
      const { code, out } = await run([name, '--help']);
      expect([name, code, out.split('\n')[0]]).toEqual([name, 0, expect.stringContaining(`poseblocks ${name}`)]);
    }
  });
});
