import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, expect, it, vi } from 'vitest';
import { syntheticPeople } from 'poseblocks/datasets';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { runCommand } from '../support/run-command';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

const run = (...args: string[]) => runCommand(args);

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

it('takeover --json prints the file and the run’s metrics as one value, and writes a model that opens', async () => {
  // What train.py saves: the network that was handed over, with a record of the run beside its weights.
  const [start] = readdirSync(path('over')).filter((file) => file.endsWith('.keras'));
  const files = unzipSync(new Uint8Array(readFileSync(path(`over/${start!}`))));
  const record = { format: 'poseblocks-run', version: 1, step: 6, epoch: 2, metrics: { PCK: 0.5 } };
  mkdirSync(path('over/run'), { recursive: true });
  writeFileSync(path('over/run/last.keras'), zipSync({ ...files, 'poseblocks.json': strToU8(JSON.stringify(record)) }, { level: 0 })); // prettier-ignore
  const { code, out, err } = await run('takeover', path('over'), '--engine', 'wasm', '--json');
  const file = path('over/run/last.safetensors');
  expect([code, err]).toEqual([0, expect.stringContaining('wasm')]);
  expect(JSON.parse(out)).toEqual({ file, steps: 6, epochs: 2, metrics: { PCK: 0.5 } });
  const model = await loadPoseModelFile(file);
  expect(model.provenance['training']).toMatchObject({ step: 6, epoch: 2, source: path('over/run/last.keras') });
  model.network.dispose();

  const none = await run('takeover', path('nowhere'), '--engine', 'wasm', '--json');
  expect([none.code, none.out]).toEqual([2, '']);
  expect(none.err).toContain('must be the folder of a hand-over or a .keras file');
});

it('setup --json prints its report as one value, and its steps on the error stream', async () => {
  const report = { addon: '/project/lib/tfjs_binding.node', tensorflow: '/project/tensorflow', version: '2.20.0' };
  vi.resetModules();
  vi.doMock('../../src/engines/node', () => ({
    // the build itself needs a TensorFlow of 270 MB
    setupTfjsNode: async ({ onProgress }: { onProgress: (message: string) => void }) => {
      onProgress('running the addon');
      return report;
    },
  }));
  const { setupCommand } = await import('../../src/cli/setup');
  const [out, err]: [string[], string[]] = [[], []];
  const io = { print: (line: string) => void out.push(line), warn: (line: string) => void err.push(line) };
  expect(await setupCommand(['tfjs-node', '--json'], io)).toBe(0);
  expect([out.map((line) => JSON.parse(line) as unknown), err]).toEqual([[report], ['running the addon']]);
  vi.doUnmock('../../src/engines/node');
});
