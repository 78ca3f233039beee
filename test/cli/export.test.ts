import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { useEngine } from 'poseblocks/engines';
import type { exportFile } from 'poseblocks/inference/node';
import { readPth, writePth } from 'poseblocks/interop';
import { describeWhere } from '../support/describe-where';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-export-'));
const path = (name: string): string => join(folder, name);
const MODEL = path('small.safetensors');

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(['export', ...args], { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const report = (text: string) => JSON.parse(text) as Awaited<ReturnType<typeof exportFile>>;

beforeAll(async () => {
  await useEngine('wasm');
  copyFileSync('weights/synthetic-small.safetensors', MODEL);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('poseblocks export', () => {
  it.each([
    ['onnx', [], 'small.onnx'],
    ['onnx', ['--float16'], 'half.onnx'],
    ['onnx', ['--int8'], 'int8.onnx'],
    ['onnx', ['--layout', 'nchw'], 'first.onnx'],
    ['keras', [], 'small.keras'],
    ['torch', [], 'small.pth'],
    ['torch', ['--float16'], 'half.pth'],
    ['tfjs', [], 'small-tfjs'],
    ['tfjs', ['--float16'], 'half-tfjs'],
  ])('writes %s %s, whose result is the model’s', async (to, options, out) => {
    const before = memory().numTensors;
    const { code, out: text } = await run(MODEL, '--to', to, ...options, '--out', path(out), '--engine', 'wasm', '--json'); // prettier-ignore
    expect(code).toBe(0);
    const { files, bytes, check } = report(text);
    expect(bytes).toBe(files.reduce((sum, file) => sum + statSync(file).size, 0));
    // Rounding of the stored filters, into which normalisations are folded: 0.26 and 0.020 deviations were measured of ONNX.
    const [outputs, keypoints] = options.includes('--int8') ? [0.5, 2] : options.includes('--float16') ? [0.03, 1] : [2e-4, 0.01]; // prettier-ignore
    expect(check).toMatchObject({ passed: true, by: to === 'onnx' ? 'onnxruntime-node' : 'this library' });
    if (check!.outputs !== undefined) expect(check!.outputs).toBeLessThan(outputs);
    expect(check!.keypoints).toBeLessThan(keypoints);
    expect(memory().numTensors).toBe(before);
  });

  it('halves the file with float16', () => {
    for (const [whole, half] of [
      ['small.onnx', 'half.onnx'],
      ['small.pth', 'half.pth'],
      ['small-tfjs/weights.bin', 'half-tfjs/weights.bin'],
    ] as const) {
      expect(statSync(path(half)).size / statSync(path(whole)).size).toBeLessThan(0.6);
    }
  });

  it('writes beside the model by default, and says what it ran', async () => {
    const { code, out } = await run(MODEL, '--to', 'onnx', '--engine', 'wasm');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /small\.onnx: [\d.]+ MB\. Run by onnxruntime-node: outputs differ by at most [\d.]+e-\d+ of their standard deviation, keypoints by at most 0\.\d+ pixels of the input\.$/,
      ),
    ]);
  });

  it('refuses what a format cannot hold, in one line', async () => {
    writeFileSync(path('text.safetensors'), 'none');
    for (const [args, message] of [
      [[], 'export: MODEL and --to must be given'],
      [[MODEL, '--to', 'onx'], '--to must be one of onnx, keras, torch, tfjs. Received: onx'],
      [[MODEL, '--to', 'torch', '--decode'], 'decode is for onnx. Received: torch'],
      [[MODEL, '--to', 'keras', '--float16'], 'keras files store float32'],
      [[MODEL, '--to', 'torch', '--int8'], 'int8 weights are for onnx. Received: torch'],
      [[MODEL, '--to', 'onnx', '--int8', '--float16'], '--int8 and --float16 exclude each other'],
      [[path('none'), '--to', 'onnx'], 'the file must be readable'],
      [[path('text.safetensors'), '--to', 'onnx'], 'loadPoseModel'],
      [[MODEL, 'more', '--to', 'onnx'], 'at most 1 argument is allowed without an option. Received: more.'],
    ] as [string[], string][]) {
      const { code, err } = await run(...args, '--json');
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
      expect(err.split('\n')).toHaveLength(1);
    }
  });
});

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import pickle, zipfile'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Python's own pickle, with PyTorch's two classes stood in for. */
const UNPICKLE = `
import collections, json, pickle, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) == ('torch._utils', '_rebuild_tensor_v2'):
            return lambda storage, offset, size, stride, grad, hooks: [storage, offset, list(size), list(stride), grad, list(hooks)]
        if (module, name) == ('collections', 'OrderedDict'): return collections.OrderedDict
        return module + '.' + name
    def persistent_load(self, pid):
        return list(pid) + [len(archive.read('archive/data/' + pid[2]))]
print(json.dumps(Reader(archive.open('archive/data.pkl')).load()))
`;

describeWhere('writePth', hasPython ? null : 'Python is not installed', () => {
  it('is read by Python’s pickle as torch.save’s archive is', () => {
    const tensors = {
      'conv.weight': { shape: [2, 1, 3, 3], data: Float32Array.from({ length: 18 }, (_, i) => i / 7) },
      'näme.bias': { shape: [2], data: Float32Array.of(1, -2) },
      scale: { shape: [], data: Float32Array.of(3) },
    };
    writeFileSync(path('three.pth'), writePth(tensors));
    const found: unknown = JSON.parse(
      execFileSync('python3', ['-c', UNPICKLE, path('three.pth')], { encoding: 'utf8' }),
    );
    const storage = (key: string, count: number) => ['storage', 'torch.FloatStorage', key, 'cpu', count, 4 * count];
    expect(found).toEqual({
      'conv.weight': [storage('0', 18), 0, [2, 1, 3, 3], [9, 9, 3, 1], false, []],
      'näme.bias': [storage('1', 2), 0, [2], [1], false, []],
      scale: [storage('2', 1), 0, [], [], false, []],
    });
    expect(readPth(new Uint8Array(readFileSync(path('three.pth'))))).toEqual(tensors);
  });
});
