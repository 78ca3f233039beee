import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { consumer } from './consumer.mjs';
import { must, run } from './shell.mjs';

const specifier = (subpath) => (subpath === '' ? 'poseblocks' : `poseblocks/${subpath}`);

/** publint finds nothing. */
export async function lintedPackage() {
  const { tarball } = await consumer();
  const bytes = readFileSync(tarball);
  const { messages } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    strict: true,
  });
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const lines = messages.map((message) => `${message.type}: ${formatMessage(message, manifest)}`);
  must(lines.length === 0, lines.join('\n'), 'See https://publint.dev/rules');
}

/** Types resolve as the code does, for ESM, CommonJS and bundlers, at every subpath. */
export async function typesOfPackage() {
  const { tarball, subpaths } = await consumer();
  const entrypoints = subpaths.map((subpath) => (subpath === '' ? '.' : subpath));
  await run(
    [
      'node',
      'node_modules/@arethetypeswrong/cli/dist/index.js',
      tarball,
      '--no-definitely-typed',
      '--profile',
      'node16',
      '--no-color',
      '--format',
      'ascii',
      '--entrypoints',
      ...entrypoints,
    ],
    { remedy: 'See https://arethetypeswrong.github.io' },
  );
}

/** Megabytes unpacked, a million bytes each. */
const CEILING = 5;

/** What a hand-over copies into its folder. */
const HANDED_OVER = [
  ...['train.py', 'network.py', 'optimizer.py', 'data.py', 'processes.py', 'checkpoints.py', 'requirements.txt'],
  ...['local.py', 'slurm.sh', 'kubernetes.yaml', 'ray_train.py'].map((file) => `launch/${file}`),
];

/** The tarball holds the build, its licence and its pages, and nothing else. */
export async function contentsOfPackage() {
  const { files } = await consumer();
  const paths = files.map(({ path }) => path);
  const strange = paths.filter(
    (path) =>
      !/^(package\.json|README\.md|CHANGELOG\.md|UPGRADING\.md|THIRD-PARTY-NOTICES\.md|LICENSE|docs\/[\w-]+\.md|docs\/images\/[\w-]+\.(svg|png|webp)|dist\/.+\.(c?js|d\.c?ts|map|wasm)|dist\/handover\/python\/.+\.(py|txt|sh|yaml))$/.test(
        path,
      ),
  );
  must(
    strange.length === 0,
    `Files that do not belong into the package: ${strange.join(', ')}.`,
    'See "files" of package.json.',
  );
  const missing = [
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'UPGRADING.md',
    'THIRD-PARTY-NOTICES.md',
    'docs/training.md',
    'LICENSE',
    'dist/index.js',
    'dist/index.cjs',
    'dist/index.d.ts',
    'dist/index.d.cts',
    ...HANDED_OVER.map((file) => `dist/handover/python/${file}`),
  ].filter((path) => !paths.includes(path));
  must(missing.length === 0, `Files missing from the package: ${missing.join(', ')}.`, 'Write them; build first.');
  const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  const ofPackage = 'https://unpkg.com/poseblocks/';
  const wrong = links.filter((link) =>
    link.startsWith(ofPackage)
      ? !paths.includes(link.slice(ofPackage.length).split('#')[0])
      : !/^(https:|#)/.test(link),
  );
  must(wrong.length === 0, `Links of README.md that do not work from npm: ${wrong.join(', ')}.`, `They must be absolute; pages of the package are at ${ofPackage}.`); // prettier-ignore
  const size = files.reduce((sum, file) => sum + file.size, 0) / 1e6;
  must(
    size < CEILING,
    `The package must unpack to less than ${CEILING} MB. Received: ${size.toFixed(2)} MB.`,
    'Find what grew: npm pack --dry-run',
  );
  return `${files.length} files, ${size.toFixed(2)} MB`;
}

/** Each subpath loads by `import` and by `require`, in a process of its own, silently, with the same names. */
export async function loadsOfPackage() {
  const { folder, subpaths } = await consumer();
  const list = JSON.stringify(subpaths.map(specifier));
  const print = (load) =>
    `const names = {}; for (const path of ${list}) names[path] = Object.keys(${load}).sort(); process.stdout.write(JSON.stringify(names));`;
  writeFileSync(join(folder, 'load.mjs'), print('await import(path)'));
  writeFileSync(
    join(folder, 'load.cjs'),
    print('require(path)')
      .replace('for', 'const dropped = new Set(["__esModule"]); for')
      .replace('.sort()', '.filter((name) => !dropped.has(name)).sort()'),
  );
  const remedy = 'Importing must do nothing but define; no top-level await; Node built-ins by `node:` only.';
  const imported = JSON.parse(await run(['node', 'load.mjs'], { cwd: folder, remedy }));
  const required = JSON.parse(await run(['node', 'load.cjs'], { cwd: folder, remedy }));
  for (const [path, names] of Object.entries(imported)) {
    must(names.length > 0, `${path} exports nothing.`, remedy);
    must(
      JSON.stringify(names) === JSON.stringify(required[path]),
      `${path}: import gives ${names}; require gives ${required[path]}.`,
      remedy,
    );
  }
  return `${subpaths.length} subpaths`;
}
