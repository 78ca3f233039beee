import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupTfjsNode } from 'poseblocks/engines/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setupCommand, setupUsage } from '../../src/cli/setup';

/** The whole build needs a TensorFlow of 270 MB: it is run by hand. Here is what it refuses, and that it leaves nothing half made. */
describe.skipIf(process.platform === 'win32')('setupTfjsNode', () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'poseblocks-setup-'));
  });
  afterEach(() => rmSync(project, { recursive: true }));

  function write(path: string, text = ''): void {
    mkdirSync(join(project, path, '..'), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  function installPackage(): void {
    write('node_modules/@tensorflow/tfjs-node/package.json', '{"name":"@tensorflow/tfjs-node","version":"4.22.0"}');
    write('node_modules/node-api-headers/package.json', '{"name":"node-api-headers","version":"1.0.0"}');
  }
  function unpackTensorflow(): string {
    const suffix = process.platform === 'darwin' ? '.2.dylib' : '.so.2';
    for (const file of [
      'include/tensorflow/c/eager/c_api.h',
      `libtensorflow_cc${suffix}`,
      `libtensorflow_framework${suffix}`,
    ]) {
      write(`tensorflow/${file}`);
    }
    return join(project, 'tensorflow');
  }

  it('asks for the package', async () => {
    await expect(setupTfjsNode({ project })).rejects.toThrow(
      'Run: npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 node-api-headers',
    );
  });

  it('asks for an unpacked TensorFlow', async () => {
    installPackage();
    await expect(setupTfjsNode({ project, tensorflow: join(project, 'nowhere') })).rejects.toThrow(
      /must hold an unpacked TensorFlow 2\. Received: .*nowhere, which lacks include/,
    );
  });

  it('passes on what pip and the compiler say, and leaves no addon', async () => {
    installPackage();
    const folder = join(project, 'node_modules/@tensorflow/tfjs-node');
    await expect(setupTfjsNode({ project, python: join(project, 'no-python') })).rejects.toThrow(
      /pip failed .*no-python/,
    );
    expect(await readdir(join(folder, 'deps')).catch(() => [])).toEqual([]);
    const compiler = join(project, 'no-compiler');
    await expect(setupTfjsNode({ project, tensorflow: unpackTensorflow(), compiler })).rejects.toThrow(
      /the C\+\+ compiler failed .*no-compiler -std=c\+\+17/,
    );
    expect(await readdir(join(folder, 'lib/napi-v8'))).toEqual([]);
  });
});

describe('poseblocks setup', () => {
  it('prints its usage, and refuses what it cannot set up', async () => {
    const lines: string[] = [];
    const io = { print: (line: string) => void lines.push(line), warn: () => undefined };
    expect(await setupCommand(['--help'], io)).toBe(0);
    expect(lines).toEqual([setupUsage]);
    await expect(setupCommand(['cuda'], io)).rejects.toThrow(/the argument must be tfjs-node\. Received: cuda\./);
    await expect(setupCommand(['tfjs-node', '--fast'], io)).rejects.toThrow(/--fast/);
  });
});
