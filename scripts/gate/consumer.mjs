import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, run } from './shell.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const required = Object.keys(manifest.peerDependencies).filter(
  (name) => !manifest.peerDependenciesMeta?.[name]?.optional,
);
const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
let made;

/**
 * The package, packed as for a release and installed into an empty project with the peers it must have, and no optional
 * one: the least that a user has. Made once for all steps.
 *
 * @returns {Promise<{ folder: string, tarball: string, files: { path: string, size: number }[], subpaths: string[] }>}
 */
export function consumer() {
  return (made ??= make());
}

async function make() {
  must(existsSync('dist/index.js'), 'There is no build.', 'npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-user-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [packed] = JSON.parse(await run(['npm', 'pack', '--json', '--loglevel=error', '--pack-destination', folder]));
  const tarball = join(folder, packed.filename);

  cpSync('examples', join(folder, 'examples'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'user',
      private: true,
      type: 'module',
      dependencies: { poseblocks: `file:${packed.filename}`, ...versions(required) },
    }),
  );
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'DOM'],
        module: 'ESNext',
        moduleResolution: 'bundler',
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        noEmit: true,
        types: ['node'],
      },
      include: ['examples'],
    }),
  );
  await run(['npm', 'install', ...QUIET], {
    cwd: folder,
    remedy: 'The packed package must install into an empty project: see peerDependencies of package.json.',
  });
  return { folder, tarball, files: packed.files, subpaths: subpaths() };
}

/** Adds what the examples need: an engine that trains anywhere, image decoding, and what they import by name. */
export async function addExamplePackages() {
  const { folder } = await consumer();
  const pattern = /(?:from|import)\s*\(?\s*'((?:@[^/']+\/)?[^./'][^/']*)[^']*'/g;
  const imported = examples().flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(pattern)].map(([, name]) => name),
  );
  const types = ['@types/node', '@webgpu/types', ...imported.map((name) => `@types/${name}`)];
  const wanted = versions(['@tensorflow/tfjs-backend-wasm', 'onnxruntime-node', 'sharp', ...imported, ...types]);
  const list = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  await run(['npm', 'install', ...QUIET, ...list], { cwd: folder });
}

/** Those of the names that this repository has installed, in the same versions. */
function versions(names) {
  const known = names.filter((name) => name in manifest.devDependencies);
  return Object.fromEntries(known.map((name) => [name, manifest.devDependencies[name]]));
}

/** Every TypeScript file of the examples, relative to the repository. */
export function examples() {
  return readdirSync('examples', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('examples', file))
    .sort();
}

/** `''` for the package itself, `metrics`, `datasets/node` … */
function subpaths() {
  return readdirSync('dist', { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|[\\/])index\.js$/.test(file))
    .map((file) => file.replaceAll('\\', '/').replace(/\/?index\.js$/, ''))
    .sort();
}
