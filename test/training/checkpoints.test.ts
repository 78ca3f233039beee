import { useEngine } from 'poseblocks/engines';
import { resumableRandom } from 'poseblocks/random';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  adam,
  assignWeights,
  captureTraining,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  memoryStore,
  newRun,
  readBest,
  readWeights,
  restoreTraining,
  rmsprop,
  weightAverage,
  type CheckpointStore,
} from 'poseblocks/training';
import { directoryStore } from 'poseblocks/training/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from './support/interruptible-run';
import { killAndResume, type Outcome } from './support/kill-and-resume';
import { tinyNetwork } from './support/tiny';

const root = mkdtempSync(join(tmpdir(), 'poseblocks-checkpoints-'));
afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
  rmSync(root, { recursive: true, force: true });
});
const disk = join(root, 'disk');
mkdirSync(disk);
const mounted =
  process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
let expected = '';
beforeAll(async () => {
  await useEngine('wasm');
  expected = (await train(undefined)).hash;
});
const folder = (name: string): string => join(root, name);

describe('resuming is exact', () => {
  it('a run stopped and resumed at every step ends bit for bit where an uninterrupted one does', async () => {
    const store = memoryStore();
    for (let stops = 0; ; stops++) {
      const controller = new AbortController();
      const { hash, result } = await train(store, { signal: controller.signal, onStep: () => controller.abort() });
      if (result.reason === 'aborted') continue;
      expect(hash).toBe(expected);
      expect(stops).toBe(6 * 4); // 7 batches, two to a step, and a remainder
      break;
    }
  });

  it('a different run has a different hash', async () => {
    const store = memoryStore();
    const controller = new AbortController();
    await train(store, { signal: controller.signal, onStep: () => controller.abort() });
    const { tensors, state } = decodeCheckpoint((await store.read('last.safetensors'))!);
    tensors['optimizer/final_layer/bias/m']!.data[0]! += 1e-6;
    await store.write('last.safetensors', encodeCheckpoint({ tensors, state }));
    expect((await train(store)).hash).not.toBe(expected);
  });

  it('keeps the best beside the last', async () => {
    const store = memoryStore();
    const { result } = await train(store);
    const best = await readBest(store);
    expect(best).toMatchObject({ epoch: 4, value: 0.5 });
    expect(best.weights).toEqual(result.best!.weights);
  });

  it('resumes from checkpoints that call the value a figure, to the same weights', async () => {
    const store = memoryStore();
    const controller = new AbortController();
    let steps = 0;
    await train(store, { signal: controller.signal, onStep: () => void (++steps === 14 && controller.abort()) }); // in the fourth epoch
    for (const file of ['last.safetensors', 'best.safetensors']) {
      const { tensors, state } = decodeCheckpoint((await store.read(file))!);
      const named = JSON.stringify(state).replaceAll('"value":', '"figure":');
      expect(named).toContain('"figure":');
      await store.write(file, encodeCheckpoint({ tensors, state: JSON.parse(named) as object }));
    }
    expect((await readBest(store)).value).toBeGreaterThan(0);
    const { hash, result } = await train(store);
    expect([hash, result.best]).toMatchObject([expected, { epoch: 4, value: 0.5 }]);
  });
});

/** Fifty in `scripts/kill-and-resume.ts`. */
const KILLS = 5;

it(
  `kill -9 at random moments, ${KILLS} times: resumes to the same weights bit for bit, from readable checkpoints`,
  async () => {
    const random = resumableRandom(Date.now());
    const outcomes: Outcome[] = [];
    for await (const outcome of killAndResume(root, { kills: KILLS, random: () => random.next() })) {
      outcomes.push(outcome);
      if (outcome.hash !== undefined) expect(outcome.hash).toBe(expected);
    }
    expect(outcomes.filter(({ killedAfter }) => killedAfter !== undefined)).toHaveLength(KILLS);
    expect(outcomes.at(-1)!.hash).toBe(expected);
  },
  600_000 + 10_000 * KILLS,
);

describe('a folder that cannot be written', () => {
  const old = new TextEncoder().encode('the old one');
  const large = new Uint8Array(200_000);
  const writeInChild = (path: string, limit: string, uid?: number) => {
    const code = `
      import { directoryStore } from 'poseblocks/training/node';
      try { await directoryStore(${JSON.stringify(path)}).write('last', new Uint8Array(200000)); console.log('written'); }
      catch (error) { console.log(error.name + ': ' + error.message); }`;
    const file = join(root, 'write.mts');
    writeFileSync(file, code);
    const command = `${limit} exec "${process.execPath}" --import tsx "${file}"`;
    const tsconfig = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
    const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig };
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout, stderr } = spawnSync('bash', ['-c', command], {
      cwd,
      env,
      encoding: 'utf8',
      ...(uid !== undefined && { uid }),
    });
    return stdout + stderr;
  };
  const intact = async (path: string) => {
    expect(new TextDecoder().decode(await directoryStore(path).read('last'))).toBe('the old one');
    expect(readdirSync(path)).toEqual(['last']);
  };

  it('that allows no file so large: a clear error, the old checkpoint intact, nothing left over', async () => {
    const path = folder('limited');
    await directoryStore(path).write('last', old);
    // ulimit -f counts KiB in bash: 100 KiB, enough for tsx's own cache and not for the checkpoint
    const output = writeInChild(path, 'ulimit -f 100;');
    expect(output).toContain('CheckpointError: directoryStore:');
    expect(output).toContain('could not be written; the previous checkpoint, if there was one, is intact');
    expect(output).toContain('EFBIG');
    await intact(path);
  });

  it.skipIf(!mounted)('on a full disk (skipped where a small tmpfs cannot be mounted)', async () => {
    await directoryStore(disk).write('last', old);
    const failing = directoryStore(disk).write('last', large);
    await expect(failing).rejects.toThrow(CheckpointError);
    await expect(failing).rejects.toThrow('the disk is full. Free some space. Received: ENOSPC.');
    await intact(disk);
  });

  it.skipIf(!mounted)('fit tells it too, and the run can go on from there (skipped without tmpfs)', async () => {
    rmSync(join(disk, 'last'), { force: true });
    writeFileSync(join(disk, 'ballast'), new Uint8Array(40_000));
    await expect(train(directoryStore(disk))).rejects.toThrow('the disk is full');
    rmSync(join(disk, 'ballast'));
    expect((await train(directoryStore(folder('elsewhere')))).hash).toBe(expected);
  });

  it.skipIf(process.platform === 'win32')('that is read-only', async () => {
    const path = folder('read-only');
    await directoryStore(path).write('last', old);
    chmodSync(root, 0o755);
    chmodSync(path, 0o555);
    // root may write anywhere: be somebody else
    const output = writeInChild(path, '', process.getuid?.() === 0 ? 65534 : undefined);
    expect(output).toContain('writing there is not permitted');
    expect(output).toContain('is intact');
    chmodSync(path, 0o755);
    await intact(path);
  });

  it('a path that is no folder, and one that is no file', async () => {
    writeFileSync(folder('file'), '');
    await expect(directoryStore(folder('file/run')).write('last', old)).rejects.toThrow('part of the path is a file');
    mkdirSync(folder('run/last'), { recursive: true });
    await expect(directoryStore(folder('run')).read('last')).rejects.toThrow('could not be read');
    expect(await directoryStore(folder('nowhere')).read('last')).toBeUndefined();
  });
});

describe('the file', () => {
  const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null));
  it('gives back every tensor and state bit for bit, NaN and infinities included', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => !['__metadata__', '__proto__'].includes(key)),
          fc.float32Array(),
        ),
        fc.dictionary(
          fc.string().filter((key) => !['$number', '__proto__'].includes(key)),
          fc.array(value),
        ),
        (arrays, state) => {
          const tensors = Object.fromEntries(
            Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
          );
          const bytes = encodeCheckpoint({ tensors, state });
          const back = decodeCheckpoint(Buffer.concat([Buffer.from('unaligned'), bytes]).subarray(9)); // as a file is read
          expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
          for (const [name, { data }] of Object.entries(back.tensors)) {
            expect(Buffer.from(data.buffer)).toEqual(Buffer.from(Float32Array.from(arrays[name]!).buffer));
          }
          expect(JSON.stringify(back.state)).toBe(JSON.stringify(state));
        },
      ),
      { numRuns: 50 },
    );
    const { state } = decodeCheckpoint(encodeCheckpoint({ tensors: {}, state: [NaN, -Infinity, 0.1 + 0.2] }));
    expect(state).toEqual([NaN, -Infinity, 0.1 + 0.2]);
  });

  it('cut short anywhere, or with a flipped bit, it is refused', () => {
    const bytes = encodeCheckpoint({
      tensors: { a: { shape: [40], data: new Float32Array(40) } },
      state: { epoch: 1 },
    });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'last')).toThrow(CheckpointError);
    }
    const flipped = bytes.slice();
    flipped[flipped.length - 7]! ^= 4;
    expect(() => decodeCheckpoint(flipped, 'last')).toThrow('last: the checksum must match');
    expect(() => decodeCheckpoint(new TextEncoder().encode('{"some":"json"} and so on'))).toThrow(CheckpointError);
  });
});

describe('what does not fit', () => {
  const saved = async (store: CheckpointStore) => {
    const network = tinyNetwork();
    const optimizer = adam(1e-3);
    await store.write('x', encodeCheckpoint(await captureTraining({ network, optimizer, run: newRun() })));
    return decodeCheckpoint((await store.read('x'))!);
  };
  it('another optimiser, network, or average is refused and nothing changed', async () => {
    const contents = await saved(memoryStore());
    const network = tinyNetwork({ seed: 5 });
    const start = await readWeights(network);
    const run = newRun();
    await expect(restoreTraining(contents, { network, optimizer: rmsprop(1e-3), run })).rejects.toThrow(
      'the optimizer must be the one saved, PoseBlocks>Adam. Received: PoseBlocks>RMSprop.',
    );
    const average = weightAverage(network);
    await expect(restoreTraining(contents, { network, optimizer: adam(1e-3), average, run })).rejects.toThrow(
      'a weight average must be given exactly when one was saved. Received: one.',
    );
    const wide = tinyNetwork({ keypoints: 3 });
    await expect(restoreTraining(contents, { network: wide, optimizer: adam(1e-3), run })).rejects.toThrow(
      'restoreTraining: final_layer/kernel must have the shape [1,1,6,3]. Received: [1,1,6,2], 12 values.',
    );
    expect(await readWeights(network)).toEqual(start);
    expect(run).toEqual(newRun());
    expect(() => assignWeights(network, {})).toThrow('Received: nothing of that name');
    await expect(readBest(memoryStore())).rejects.toThrow('No epoch is complete yet.');
  });
});
