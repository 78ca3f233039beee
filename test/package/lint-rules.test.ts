import { resolve } from 'node:path';
import { ESLint, RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, describe, expect, it, test } from 'vitest';
// @ts-expect-error plain JavaScript, without declarations
import plugin from '../../eslint-rules/index.js';
// @ts-expect-error plain JavaScript, without declarations
import { FOLDERS } from '../../eslint-rules/folder-order.js';

Object.assign(RuleTester, { afterAll, describe, it });
const rule = (name: string) => plugin.rules[name];
const at = (path: string): string => resolve(path);
const message = (...ids: string[]): { messageId: string }[] => ids.map((messageId) => ({ messageId }));

/** Files that do not exist get the types of the repository's own tsconfig. */
const withTypes = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: {
      projectService: { allowDefaultProject: ['lint-sample.ts'], defaultProject: 'tsconfig.json' },
      tsconfigRootDir: at('.'),
    },
  },
});
const byPath = new RuleTester({ languageOptions: { parser: tseslint.parser } });

/** One file for all cases, a statement a line: types are slow to come by. */
const header = `import * as tf from '@tensorflow/tfjs-core'; import { tidy } from '@tensorflow/tfjs-core';
declare const x: tf.Tensor4D; declare const v: tf.Variable; declare const either: tf.Tensor | tf.Tensor[]; declare const list: number[];
declare const model: { predict(x: tf.Tensor): tf.Tensor }; declare function other(f: () => Promise<unknown>): void;
const make = () => x; const later = async () => x;
`;
const typed = (statements: readonly string[]) => ({
  code: header + statements.join('\n'),
  filename: at('lint-sample.ts'),
});
const everyLine = (statements: readonly string[], messageId: string) => ({
  ...typed(statements),
  errors: statements.map((_, i) => ({ messageId, line: header.split('\n').length + i })),
});

withTypes.run('no-chained-ops', rule('no-chained-ops'), {
  valid: [
    typed([
      'tf.reshape(x, [1]); tf.relu(x);',
      'x.dispose(); await x.data(); x.clone(); v.assign(x); x.toString();',
      'list.slice(1); list.concat([2]); new Float32Array(4).slice(1); "abc".split("b");',
      'Math.max(...x.shape); x.shape.slice(1);',
      'model.predict(x);',
    ]),
  ],
  invalid: [
    everyLine(
      [
        'x.reshape([1]);',
        'v.add(1);',
        'tf.relu(x).sum();',
        "x['square']();",
        'x?.mul(2);',
        'either.squeeze();',
        'tf.tidy(() => x).max();',
        'model.predict(x).argMax(-1);',
      ],
      'chained',
    ),
  ],
});

withTypes.run('no-async-tidy', rule('no-async-tidy'), {
  valid: [
    typed([
      'tf.tidy(() => tf.relu(x)); tf.tidy("name", () => x); tidy(make);',
      'async function f() { const y = tf.tidy(() => x); await y.data(); }',
      'other(async () => {});',
    ]),
  ],
  invalid: [
    everyLine(
      [
        'tf.tidy(async () => x);',
        'tf.tidy("name", async function () { return x; });',
        'tidy(async () => x);',
        'tf.engine().tidy(async () => x);',
        'tf.tidy(later);',
        'tf.tidy(() => x.data());',
      ],
      'async',
    ),
  ],
});

byPath.run('no-sync-read', rule('no-sync-read'), {
  valid: ['x.data();', 'x.array();', 'const dataSync = 1; f(dataSync);'],
  invalid: ['x.dataSync();', 'x.arraySync();', 'x.bufferSync();', 'f(x?.dataSync());', "x['arraySync']();", 'xs.map((x) => x.dataSync)'].map((code) => ({ code, errors: message('sync') })), // prettier-ignore
});

byPath.run('no-node-builtins', rule('no-node-builtins'), {
  valid: [
    { code: "import { readFile } from 'node:fs/promises';", filename: at('src/datasets/node/read.ts') },
    { code: "import { readFile } from 'node:fs/promises';", filename: at('src/cli/main.ts') },
    { code: "import type { Stats } from 'node:fs';", filename: at('src/datasets/read.ts') },
    { code: "const fs = await import('node:fs');", filename: at('src/datasets/read.ts') },
    { code: "import * as tf from '@tensorflow/tfjs-core';", filename: at('src/blocks/a.ts') },
    { code: "import { path } from './path';", filename: at('src/blocks/a.ts') },
  ],
  invalid: [
    "import { readFile } from 'node:fs/promises';",
    "import fs from 'fs';",
    "export { join } from 'path/posix';",
    "export * from 'node:os';",
    "import sharp from 'sharp';",
    "import '@tensorflow/tfjs-node';",
  ].map((code) => ({ code, filename: at('src/datasets/read.ts'), errors: message('node') })),
});

const from = (file: string, target: string) => ({
  code: `import { a } from '${target}';`,
  filename: at(`src/${file}`),
});

byPath.run('folder-order', rule('folder-order'), {
  valid: [
    from('networks/lpn.ts', '../blocks'),
    from('networks/lpn/table.ts', '../../heads'),
    from('networks/lpn.ts', './table'),
    from('networks/lpn/table.ts', '../parts/stem'),
    from('metrics/oks.ts', '../keypoints/index'),
    from('datasets/node/read.ts', '../coco/parse'),
    from('datasets/node/read.ts', '../../keypoints'),
    from('inference/node/run.ts', '../../datasets/node'),
    from('cli/main.ts', '../datasets/node'),
    from('cli/commands/train.ts', '../../training'),
    from('index.ts', './metrics'),
    from('blocks/a.ts', '@tensorflow/tfjs-core'),
    { code: "import { lpn } from 'poseblocks/networks';", filename: at('examples/lpn.ts') },
    { code: "import { lpn } from '../src/networks/lpn';", filename: at('test/networks/lpn.test.ts') },
  ],
  invalid: [
    { ...from('metrics/oks.ts', '../datasets'), errors: message('upward') },
    { ...from('visualize/pose.ts', '../keypoints'), errors: message('upward') },
    { code: "import type { A } from '../networks';", filename: at('src/blocks/a.ts'), errors: message('upward') },
    { code: "export { a } from '../networks';", filename: at('src/blocks/a.ts'), errors: message('upward') },
    { code: "export * from '../networks';", filename: at('src/blocks/a.ts'), errors: message('upward') },
    { code: "await import('../networks');", filename: at('src/blocks/a.ts'), errors: message('upward') },
    { code: "let a: import('../networks').A;", filename: at('src/blocks/a.ts'), errors: message('upward') },
    {
      ...from('networks/lpn.ts', '../blocks/layers'),
      errors: [{ message: 'Import another folder through its index: ../blocks.' }],
    },
    {
      ...from('networks/lpn/table.ts', '../../blocks/layers/conv'),
      errors: [{ message: 'Import another folder through its index: ../../blocks.' }],
    },
    { ...from('cli/main.ts', '../datasets/node/read'), errors: [{ message: 'Import another folder through its index: ../datasets/node.' }] }, // prettier-ignore
    { ...from('datasets/read.ts', './node/files'), errors: message('node') },
    { ...from('inference/run.ts', '../datasets/node'), errors: message('node') },
    { ...from('blocks/a.ts', '../attic'), errors: message('unknown') },
    { ...from('attic/a.ts', '../blocks'), errors: message('unknown') },
    { ...from('blocks/a.ts', '../../test/support'), errors: message('unknown') },
    { ...from('blocks/a.ts', 'poseblocks/heads'), errors: message('self') },
  ],
});

describe('the configuration', () => {
  const eslint = new ESLint();
  test.each([
    ['src/metrics/index.ts', ['folder-order', 'no-async-tidy', 'no-chained-ops', 'no-node-builtins', 'no-sync-read']],
    ['scripts/test.mjs', []],
  ])('applies to %s: %j', async (file, expected) => {
    const { rules } = (await eslint.calculateConfigForFile(file)) as { rules: Record<string, [number]> };
    const active = Object.keys(rules).filter((name) => name.startsWith('poseblocks/') && rules[name]![0] === 2);
    expect(active.map((name) => name.replace('poseblocks/', '')).sort()).toEqual(expected);
  });

  test('knows the folders of the design', () => {
    expect(FOLDERS).toEqual(expect.arrayContaining(['networks', 'blocks', 'metrics', 'keypoints', 'visualize']));
    expect(new Set(FOLDERS).size).toBe(FOLDERS.length);
  });
});
