import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer } from 'vite';
import { ours, withEsbuild, withRollup, withVite, withWebpack } from './build-with.mjs';
import { consumer } from './consumer.mjs';
import { chromiumOrNull, openPage, serve } from './page.mjs';
import { must, run } from './shell.mjs';

const REMEDY =
  'Bundlers follow `import("…")` of a literal: packages that may be absent are imported by importByName. See src/engines/backends/load-package.ts.';
const PAGE = '17 keypoints on wasm';

/**
 * test/package/bundlers/page.js by each bundler, from the packed package with the README's install, no configuration and no warning. `copies` says whether the bundler
 * copies what `new URL(…, import.meta.url)` names, so that the WebAssembly files are found without a word.
 */
const PAGES = [
  { name: 'webpack', copies: true, build: (job) => withWebpack(job, 'web') },
  { name: 'vite', copies: true, build: withVite },
  { name: 'rollup', copies: false, build: (job) => withRollup(job, 'browser') },
  { name: 'esbuild', copies: false, build: (job) => withEsbuild(job, 'browser') },
];

/** program.js likewise. tfjs-core calls `require`, which an ES module does not have: such a program leaves packages outside. */
const PROGRAMS = [
  { name: 'esbuild, CommonJS', format: 'cjs', build: (job) => withEsbuild(job, 'node') },
  { name: 'esbuild, ES module', format: 'esm', external: true, build: (job) => withEsbuild(job, 'node') },
  { name: 'rollup, CommonJS', format: 'cjs', build: (job) => withRollup(job, 'node') },
  { name: 'rollup, ES module', format: 'esm', external: true, build: (job) => withRollup(job, 'node') },
  { name: 'webpack, CommonJS', format: 'cjs', build: (job) => withWebpack(job, 'node') },
];

async function project() {
  const { folder } = await consumer();
  const there = join(folder, 'bundlers');
  if (!existsSync(there)) cpSync('test/package/bundlers', there, { recursive: true });
  return there;
}

async function built({ name, build, ...job }, folder, out) {
  mkdirSync(out, { recursive: true });
  let warnings;
  try {
    warnings = ours(await build({ folder, out, ...job }));
  } catch (error) {
    must(false, `${name} does not build: ${error.message}`, REMEDY);
  }
  must(warnings.length === 0, `${name} warns:\n${warnings.join('\n')}`, REMEDY);
}

/** Programs of Node. */
export async function bundledPrograms() {
  const folder = await project();
  for (const [index, program] of PROGRAMS.entries()) {
    const out = join(folder, `node-${index}`);
    await built({ entry: 'program.js', ...program }, folder, out);
    const printed = await run(['node', join(out, `program.${program.format === 'cjs' ? 'cjs' : 'mjs'}`)], {
      cwd: folder,
    });
    must(printed.trim() === '17 keypoints on wasm, exported', `${program.name} printed ${printed}`, REMEDY);
  }
  return PROGRAMS.map(({ name }) => name).join('; ');
}

/** Pages, in Chromium where there is one. */
export async function bundledPages() {
  const folder = await project();
  const outs = PAGES.map(({ name }) => join(folder, `out-${name}`));
  for (const [index, page] of PAGES.entries()) await built({ entry: 'page.js', ...page }, folder, outs[index]);
  const browser = await chromiumOrNull();
  if (browser === null)
    return `built by ${PAGES.map(({ name }) => name).join(', ')}; not opened, for there is no Chromium`;
  try {
    for (const [index, page] of PAGES.entries()) await opens(browser, page, outs[index]);
    await opensInDevelopment(browser, folder);
  } finally {
    await browser.close();
  }
  return `${PAGES.map(({ name }) => name).join(', ')}, and Vite's development server`;
}

/** Without a word where the bundler copies the files; else the error names the line to write, and with that line it works, the folder's last slash or not. */
async function opens(browser, { name, copies }, out) {
  const html = (attribute) =>
    `<!doctype html><html ${attribute}><meta charset="utf-8"><title>…</title><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script></body></html>`;
  const expectPage = async (attribute) => {
    const server = await serve(
      { '/wasm/': resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist'), '/': out },
      html(attribute),
    );
    try {
      return await openPage(browser, server.url);
    } finally {
      await server.close();
    }
  };
  if (!copies) {
    const { said } = await expectPage(''); // it falls to the slow engine, and says so
    const line = "useEngine('wasm', { wasmPaths: '/wasm/' })";
    must(said.some((text) => text.includes(line)), `${name}: the warning must name the line that mends it, ${line}. Received: ${said.join('\n')}`, 'See src/engines/backends/wasm.ts'); // prettier-ignore
  }
  for (const attribute of copies ? [''] : ['data-wasm="/wasm"', 'data-wasm="/wasm/"']) {
    const { title, said } = await expectPage(attribute);
    must(
      title === PAGE && said.length === 0,
      `${name} ${attribute}: the page must show "${PAGE}" and log nothing. Received: ${title}\n${said.join('\n')}`,
      REMEDY,
    );
  }
}

/** Vite serves packages as it has prepared them, at another address than that of their files. */
async function opensInDevelopment(browser, folder) {
  const server = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(folder, 'vite-cache'),
  });
  await server.listen();
  try {
    const { title, said } = await openPage(browser, server.resolvedUrls.local[0]);
    must(
      title === PAGE && said.length === 0,
      `vite dev: the page must show "${PAGE}" and log nothing. Received: ${title}\n${said.join('\n')}`,
      REMEDY,
    );
  } finally {
    await server.close();
  }
}
