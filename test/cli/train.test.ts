import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memory } from '@tensorflow/tfjs-core';
import { syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { stateDict, type StateDict } from 'poseblocks/interop';
import { paperNetwork } from 'poseblocks/recipes';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { decodeCheckpoint, readWeights } from 'poseblocks/training';
import { runCommand as run } from '../support/run-command';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-train-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine('wasm').then(() => undefined));
const path = (name: string): string => join(folder, name);

/** LPN-50 on crops of 64×64, seven stages of one epoch. */
const small = ['train', '--recipe', 'lpn-50', '--size', '64x64', '--shorten', '0.001', '--engine', 'wasm'];

/** A safetensors file as PyTorch's own tools write it. */
function safetensors(tensors: StateDict): Uint8Array {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const data_offsets = [at, (at += data.byteLength)];
    return [name, { dtype: 'F32', shape, data_offsets }] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const values = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, header, ...values]);
}

describe('poseblocks train on synthetic people', () => {
  const options = [...small, '--people', '11', '--batch', '12', '--average', '0.9', '--log-every', '1'];
  it('runs the recipe, with checkpoints and logs, and leaves no tensor', async () => {
    const before = memory().numTensors;
    const { code, out, err } = await run([...options, '--out', path('whole')]);
    expect([code, err]).toEqual([0, expect.stringContaining('11 synthetic people.')]);
    expect(out).toMatch(/^epoch 1\/7: stage 1, loss [\d.]+, rate 1.0e-3, AP [\d.]+, AR [\d.]+, PCK [\d.]+, best/);
    expect(out).toMatch(
      /\nbest AP .+, saved in .+best.safetensors\. Report: .+report.html$/, // and nothing of the paper's AP, which is of COCO
    );
    const files = readdirSync(path('whole')).sort();
    expect(files.map((name) => name.replace(/\.tfevents.*/, ''))).toEqual([
      'best.safetensors',
      'events.out',
      'last.safetensors',
      'log.jsonl',
      'report.html',
      'run.json',
    ]);
    const lines = readFileSync(path('whole/log.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(
      Array.from({ length: 7 }, () => ['step', 'epoch']).flat(),
    );
    expect(memory().numTensors).toBe(before);
  });

  it('goes on after an interruption and ends bit for bit as without one', async () => {
    const interrupt = (line: string): void => {
      if (line.startsWith('epoch 3/7')) process.listeners('SIGINT').at(-1)!('SIGINT');
    };
    const args = [...options, '--out', path('resumed')];
    const listeners = process.listenerCount('SIGINT');
    const first = await run(args, interrupt);
    expect([first.code, first.err]).toEqual([1, expect.stringContaining('run the same command again to continue.')]);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    const second = await run(args);
    expect(second.code).toBe(0);
    expect(second.out.split('\n')[0]).toMatch(/^continues at epoch 4, batch 1, after 3 steps$/);
    for (const name of ['last.safetensors', 'best.safetensors']) {
      expect(readFileSync(path(`resumed/${name}`)).equals(readFileSync(path(`whole/${name}`)))).toBe(true);
    }
  });

  it('refuses a folder that holds another run, and says what differs', async () => {
    const { code, err } = await run([...options, '--seed', '2', '--out', path('whole')]);
    expect(code).toBe(2);
    expect(err).toContain('holds another run: its seed is 1. Received: 2. Give the same options to continue');
  });

  it('leaves no run and no tensor behind where the weights or a frozen layer are not there', async () => {
    const before = memory().numTensors;
    for (const wrong of [
      ['--weights', path('none.safetensors')],
      ['--freeze', 'layer9'],
    ]) {
      const { code, err } = await run([...options, ...wrong, '--out', path('unbegun')]);
      expect([code, err]).toEqual([2, expect.stringContaining(wrong[1]!)]);
    }
    expect(readdirSync(folder)).not.toContain('unbegun');
    expect(memory().numTensors).toBe(before);
  });

  it('ends where a guard finds that nothing is learnt', async () => {
    const still = await run([...options, '--rate', '1e-30', '--strict', '--out', path('still')]);
    expect([still.code, still.err]).toEqual([1, expect.stringContaining('idle-learning-rate at epoch')]);
  });
});

describe('poseblocks train on photographs', () => {
  const { json, images } = syntheticPeople({ seed: 5, count: 12, imageSize: [96, 96], people: [1, 1] });
  const annotations = path('people.json');
  const files = ['--annotations', annotations, '--images', path('images'), '--batch', '6'];
  beforeAll(async () => {
    mkdirSync(path('images'));
    writeFileSync(annotations, JSON.stringify(json));
    for (const [i, { data, width, height }] of images.entries()) {
      const { file_name: name } = json.images[i]!;
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(path(`images/${name}`));
    }
  });

  it('trains a system with targets of its own, on sides that its network takes', async () => {
    const args = ['train', '--recipe', 'cpn-50', '--size', '0.25', '--shorten', '0.001', '--engine', 'wasm'];
    const { code, out, err } = await run([...args, ...files, '--out', path('cpn')]);
    expect([code, err]).toEqual([0, expect.stringContaining('people.json: 12 persons')]);
    expect(out).toMatch(/^epoch 1\/1: loss [\d.]+, rate 5.0e-4, AP [\d.]+, AR [\d.]+, PCK [\d.]+, best so far/);
    expect(out).not.toContain('the paper');
    const { codec, recipe } = JSON.parse(readFileSync(path('cpn/run.json'), 'utf8')) as Record<string, object>;
    expect(codec).toMatchObject({ codec: 'cpn', inputSize: [64, 64], heatmapSize: [16, 16], peak: 255 });
    expect(recipe).toMatchObject({ network: 'cpn50-paper', schedule: { epochs: 1, factor: 0.5 } });
    rmSync(path('cpn'), { recursive: true }); // half a gigabyte
  });

  it('holds images out, begins with the weights given, and trains what is not frozen', async () => {
    const pretrained = join(path('whole'), 'best.safetensors');
    const args = [...small, ...files, '--out', path('photographs'), '--weights', pretrained, '--freeze', 'conv1'];
    const { code, out, err } = await run([...args, '--freeze', 'layer1', '--validation', annotations]);
    expect([code, out]).toEqual([0, expect.stringContaining('epoch 7/7')]);
    expect(err).toContain('people.json: 12 persons');
    expect(err).toMatch(/best.safetensors: \d+ weights loaded/);
    const model = await loadPoseModelFile(path('whole')); // best.safetensors is one
    expect([model.provenance.recipe, model.keypointSet]).toEqual(['lpn-50', COCO]);
    const first = await readWeights(model.network);
    const second = decodeCheckpoint(readFileSync(path('photographs/last.safetensors'))).tensors;
    expect(second['network/conv1/kernel']!.data).toEqual(first['conv1/kernel']!.data);
    expect(second['network/layer2.0.conv1/kernel']!.data).not.toEqual(first['layer2.0.conv1/kernel']!.data);
    model.network.dispose();
  });

  it('goes on after an interruption bit for bit, with any number of threads', async () => {
    const args = [...small, ...files, '--out'];
    const before = memory().numTensors;
    expect((await run([...args, path('one-thread'), '--workers', '1'])).code).toBe(0);
    const interrupt = (line: string): void => {
      if (line.startsWith('epoch 2/7')) process.listeners('SIGINT').at(-1)!('SIGINT');
    };
    expect((await run([...args, path('two-threads'), '--workers', '2'], interrupt)).code).toBe(1);
    const { code, out } = await run([...args, path('two-threads'), '--workers', '3']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^continues at epoch 3, batch 1, after 4 steps\n/)]);
    const [one, two] = ['one-thread', 'two-threads'].map((name) => readFileSync(path(`${name}/last.safetensors`)));
    expect(two!.equals(one!)).toBe(true);
    expect(memory().numTensors).toBe(before);
  });

  it('says before anything else that the images’ folder is not there', async () => {
    const { code, err } = await run([...small, '--annotations', annotations, '--images', path('nowhere'), '--out', path('wrong')]); // prettier-ignore
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/nowhere: must be the folder of the images. Received: a path that does not exist\.$/),
    ]);
    expect(readdirSync(folder)).not.toContain('wrong');
  });

  it('begins with PyTorch’s weights; says which image cannot be read, and goes on without it', async () => {
    const network = paperNetwork('003-lpn50-gc', { inputShape: [64, 64, 3], seed: 3 });
    const { 'final_layer.bias': _, ...torch } = await stateDict(network);
    network.dispose();
    writeFileSync(path('torch.safetensors'), safetensors({ ...torch, fc: { shape: [1], data: new Float32Array(1) } }));
    writeFileSync(path(`images/${json.images[0]!.file_name}`), 'no image');
    const weights = ['--weights', path('torch.safetensors')];
    const { code, err } = await run([...small, ...files, ...weights, '--out', path('unreadable')]);
    expect(code).toBe(0);
    expect(err).toContain(`${Object.keys(torch).length} weights loaded`);
    expect(err).toContain('not loaded: final_layer.bias, not among those saved');
    expect(err).toContain('not used: fc');
    expect(err.match(/is skipped: /g)).toHaveLength(1);
    expect(err).toContain(json.images[0]!.file_name);
  });
});

describe('wrong arguments', () => {
  it.each([
    [[], '--recipe must name a recipe.'],
    [['--recipe', 'lpn'], '--recipe must be one of lpn-50, lpn-101'],
    [['--recipe', 'lpn-50', '--images', 'x'], '--annotations and --images must be given together'],
    [['--recipe', 'lpn-50', '--batch', '0'], '--batch must be a whole number from 1. Received: 0.'],
    [['--recipe', 'lpn-50', '--size', 'big'], '--size must be a factor such as 0.5, or WIDTHxHEIGHT. Received: big.'],
    [['--recipe', 'cpn-50', '--self-test', '0'], '--self-test must be a whole number from 1. Received: 0.'],
    [['--recipe', 'grmi-101', '--size', '64x64', '--engine', 'wasm'], 'must be 8n + 1'],
    [['--recipe', 'lpn-50', '--average', '1'], '--average must be between 0 and 1. Received: 1.'],
    [['--recipe', 'lpn-50', '--engine', 'gpu'], '--engine must be one of auto, cuda'],
    [['--recipe', 'lpn-50', '--validation', 'x'], '--validation needs --annotations and --images'],
    [['--recipe', 'lpn-50', '--people', '1', '--engine', 'wasm'], 'there must be at least two images. Received: 1.'],
    [['--recipe', 'lpn-50', '--annotations', 'none.json', '--images', '.', '--engine', 'wasm'], 'none.json'],
    [
      ['--recipe', 'lpn-50', '--annotations', 'none.json', '--images', '.', '--people', '9'],
      '--people is for synthetic people',
    ],
    [
      ['--recipe', 'lpn-50', '--anotations', 'x'],
      'the option must exist. Received: --anotations. Did you mean --annotations?',
    ],
    [['--recipe', 'lpn-50', '--split'], '--split needs --annotations and --images'],
    [['--recipe', 'lpn-50', '--limit', '0'], '--limit must be a whole number from 1. Received: 0.'],
  ])('%j', async (args, message) => {
    const { code, err } = await run(['train', ...args, '--out', path('wrong')]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect(readdirSync(folder)).not.toContain('wrong');
  });

  it('help lists the recipes', async () => {
    const { code, out } = await run(['train', '--help']);
    expect([code, out]).toEqual([0, expect.stringContaining('reduced-hourglass-adam-scheduled')]);
  });
});
