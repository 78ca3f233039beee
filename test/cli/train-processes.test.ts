import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from 'poseblocks/engines';
import { decodeCheckpoint } from 'poseblocks/training';
import { runCommand as run } from '../support/run-command';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine('wasm').then(() => undefined));
const path = (name: string): string => join(folder, name);

/** LPN-50 on crops of 64×64, seven stages of one epoch: a full batch of 8 people each, or two of 4. */
const small = ['train', '--recipe', 'lpn-50', '--size', '64x64', '--shorten', '0.001', '--people', '24', '--limit', '8', '--validate-every', '7', '--log-every', '1', '--no-report']; // prettier-ignore

const losses = (name: string): number[] =>
  readFileSync(path(`${name}/log.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; loss: number })
    .filter(({ kind }) => kind === 'step')
    .map(({ loss }) => loss);
const weights = (name: string) => decodeCheckpoint(readFileSync(path(`${name}/last.safetensors`))).tensors;

describe('poseblocks train --processes 2', () => {
  const two = [...small, '--batch', '8', '--processes', '2'];

  it('makes the steps of one process that accumulates the two parts', async () => {
    const before = memory().numTensors;
    const team = await run([...two, '--out', path('two')]);
    expect(team.code).toBe(0);
    expect(memory().numTensors).toBe(before);
    const one = await run([...small, '--batch', '4', '--accumulate', '2', '--engine', 'wasm', '--out', path('one')]);
    expect(one.code).toBe(0);
    const [theirs, ours] = [losses('one'), losses('two')];
    expect(ours).toHaveLength(7);
    ours.forEach((loss, i) => expect(Math.abs(loss - theirs[i]!) / theirs[i]!).toBeLessThan(1e-6));
    const [expected, found] = [weights('one'), weights('two')];
    let furthest = 0;
    for (const [key, { data }] of Object.entries(expected)) {
      const size = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
      // The bias before a softmax stays 0, exactly.
      data.forEach((value, i) => {
        const off = Math.abs(found[key]!.data[i]! - value);
        furthest = Math.max(furthest, off === 0 ? 0 : off / size);
      });
    }
    expect(furthest).toBeLessThan(1e-5); // of the root mean square of each weight, running statistics included
  });

  it('goes on after an interruption and ends bit for bit as without one', async () => {
    const args = [...two, '--out', path('resumed')];
    const interrupt = (line: string): void => {
      if (line.startsWith('epoch 3/7')) process.listeners('SIGINT').at(-1)!('SIGINT');
    };
    expect((await run(args, interrupt)).code).toBe(1);
    const second = await run(args);
    expect([second.code, second.out.split('\n')[0]]).toEqual([0, 'continues at epoch 4, batch 1, after 3 steps']);
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect(readFileSync(path(`resumed/${name}`)).equals(readFileSync(path(`two/${name}`)))).toBe(true);
    const other = await run([...small, '--batch', '8', '--out', path('two')]);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('holds another run')]);
  });

  it.each([
    [['--processes', '9'], '--processes must be at most the people in a batch, 8. Received: 9.'],
    [['--processes', '0'], '--processes must be a whole number from 1. Received: 0.'],
    [['--processes', '2', '--engine', 'cpu'], '--processes must go with the wasm engine'],
  ])('%j is refused', async (wrong, message) => {
    const { code, err } = await run([...small, '--batch', '8', ...wrong, '--out', path('wrong')]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});
