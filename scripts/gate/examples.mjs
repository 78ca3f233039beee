import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, resolve } from 'node:path';
import { addExamplePackages, consumer, examples } from './consumer.mjs';
import { must, run, together } from './shell.mjs';

/**
 * Runs the examples against the installed package. Each file that no other example imports says in its head comment how:
 *
 *     @quick --steps 2 --out {out}     run here, with these arguments; `{out}` is an empty folder, `{weights}` that of the weights
 *     @manual needs the whole of COCO  not run here, and why
 *
 * All of them are type-checked against the package's declarations.
 */
export async function runExamples() {
  const { folder } = await consumer();
  await addExamplePackages();
  const bin = (name) => resolve('node_modules', name);
  await run(['node', bin('typescript/bin/tsc'), '-p', folder], {
    remedy: 'The examples must compile against the packed types.',
  });

  const files = examples();
  const imported = new Set(files.flatMap(importsOf));
  const counts = { run: 0, manual: 0 };
  await together(
    files.filter((path) => !imported.has(path)),
    async (file) => {
      const head = /^\s*\/\*\*[\s\S]*?\*\//.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
      const [, tag, rest = ''] =
        /^\s*\*?.*?@(quick|manual)\b([^\n]*)/m.exec(head.replace('/**', '').replace('*/', '')) ?? [];
      must(
        tag !== undefined,
        `${file} does not say how it is run.`,
        'Put "@quick [arguments]" or "@manual why" into its head comment.',
      );
      must(
        tag === 'quick' || rest.trim() !== '',
        `${file}: @manual must say why.`,
        'For example: @manual needs the whole of COCO',
      );
      if (tag === 'manual') {
        counts.manual++;
        return;
      }
      const out = mkdtempSync(join(tmpdir(), 'poseblocks-out-'));
      const args = rest.trim().split(/\s+/).filter(Boolean).map((arg) => arg.replace('{out}', out).replace('{weights}', resolve('weights'))); // prettier-ignore
      const started = performance.now();
      try {
        await run(['node', '--import', `file://${bin('tsx/dist/esm/index.mjs')}`, file, ...args], {
          cwd: folder,
          seconds: 600, // ends what hangs; a busy machine may take its time
        });
      } finally {
        rmSync(out, { recursive: true, force: true });
      }
      console.log(`  ${file} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
      counts.run++;
    },
  );
  return `${counts.run} run, ${counts.manual} only compiled`;
}

function importsOf(file) {
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']*)'/g)].map(([, specifier]) => specifier);
  return specifiers.flatMap((specifier) => {
    const path = normalize(join(dirname(file), specifier.replace(/\.js$/, '')));
    return [`${path}.ts`, join(path, 'index.ts'), path];
  });
}
