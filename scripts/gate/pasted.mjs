import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addExamplePackages, consumer } from './consumer.mjs';
import { must, run, together } from './shell.mjs';

const BLOCK = /<!-- snippet: (?<source>[^\n]*?) -->\n+^ *```(?:ts|typescript)\n(?<code>[\s\S]*?)^ *```$/gm;

/** Every TypeScript block of the pages: where it stands, what it is taken from, and its text. */
export function blocks() {
  const pages = ['README.md', ...readdirSync('docs').filter((file) => file.endsWith('.md')).map((file) => join('docs', file))]; // prettier-ignore
  return pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(BLOCK)].map(({ groups: { source, code } }, n) => {
      const head = source.startsWith('none') ? '' : readFileSync(source.split('#')[0], 'utf8');
      return {
        name: `${page
          .replace(/^docs\//, '')
          .replace(/\.md$/, '')
          .toLowerCase()}-${n}`,
        source,
        code,
        outline: source.startsWith('none'),
        // Without arguments of its own, in an empty folder.
        runs: /@quick\s*(\n|\*\/)/.test(head),
      };
    }),
  );
}

/** Compiles each block as it is pasted, and runs those whose example needs no arguments and no data. */
export async function pastedBlocks() {
  const { folder } = await consumer();
  await addExamplePackages();
  const bin = (name) => resolve('node_modules', name);
  const there = join(folder, 'pasted');
  rmSync(there, { recursive: true, force: true });
  mkdirSync(there);
  const all = blocks();
  const whole = all.filter(({ outline }) => !outline);
  for (const { name, code } of whole) writeFileSync(join(there, `${name}.ts`), `${code}export {};\n`);
  const { compilerOptions } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(there, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
  await run(['node', bin('typescript/bin/tsc'), '-p', there], {
    remedy: 'Each block must compile as it is pasted: see scripts/whole-program.mjs.',
  });
  const programs = whole.filter(({ runs }) => runs);
  await together(programs, ({ name, source }) =>
    run(['node', '--import', `file://${bin('tsx/dist/esm/index.mjs')}`, join('pasted', `${name}.ts`)], {
      cwd: folder,
      seconds: 180,
      remedy: `${name} (${source}) must run as it is pasted.`,
    }),
  );
  const count = programs.length;
  must(count > 0, 'No block ran.', 'See scripts/gate/pasted.mjs.');
  return `${all.length} blocks: ${whole.length} compiled as pasted, ${count} of them run; ${all.length - whole.length} are no programs`;
}
