/**
 * Writes THIRD-PARTY-NOTICES.md: the licences of what the build contains. With `--check` it only compares, and fails where a package is bundled that is not listed.
 *
 *     node scripts/notices.mjs [--check]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bundled packages, and where each is installed. */
const BUNDLED = {
  'ansi-regex': 'node_modules/strip-ansi/node_modules/ansi-regex',
  'cli-progress': 'node_modules/cli-progress',
  'emoji-regex': 'node_modules/string-width/node_modules/emoji-regex',
  fflate: 'node_modules/fflate',
  'is-fullwidth-code-point': 'node_modules/is-fullwidth-code-point',
  saxes: 'node_modules/saxes',
  'string-width': 'node_modules/string-width',
  'strip-ansi': 'node_modules/strip-ansi',
  tsup: 'node_modules/tsup', // its shims of import.meta
  xmlchars: 'node_modules/xmlchars',
};

const FILE = 'THIRD-PARTY-NOTICES.md';

/** The folder of a package, which npm may have put at the top. */
function folderOf(name, nested) {
  return existsSync(nested) ? nested : join('node_modules', name);
}

function section(name, nested) {
  const folder = folderOf(name, nested);
  const { version, license, author, homepage, repository } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const who = typeof author === 'string' ? author : author?.name;
  const where = homepage ?? repository?.url ?? repository;
  const text =
    file === undefined
      ? `${license}. ${who ?? ''} The package comes without the licence's text.`
      : readFileSync(join(folder, file), 'utf8').trim();
  return `## ${name} ${version}\n\n${license}, ${where}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
}

/** Packages whose files the build names in its comments. */
function foundInBuild() {
  if (!existsSync('dist')) return [];
  const files = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) => /\.c?js$/.test(file));
  const names = files.flatMap((file) =>
    [...readFileSync(join('dist', file), 'utf8').matchAll(/^\/\/ .*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm)].map(
      ([, name]) => name,
    ),
  );
  return [...new Set(names)];
}

const head = `# Third-party notices

The build contains these packages. The kernels in WebAssembly are compiled by AssemblyScript (Apache-2.0, https://github.com/AssemblyScript/assemblyscript), whose runtime they hold in small part.
`;
const wanted = [head, ...Object.entries(BUNDLED).map(([name, folder]) => section(name, folder))].join('\n');
const unlisted = foundInBuild().filter((name) => !Object.hasOwn(BUNDLED, name));
if (unlisted.length > 0) {
  console.log(
    `${FILE}: every bundled package must be listed. Received: ${unlisted.join(', ')} besides. Add them to scripts/notices.mjs.`,
  );
  process.exitCode = 1;
}
if (process.argv.includes('--check')) {
  if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== wanted) {
    console.log(`${FILE} is not what the packages say. Run: node scripts/notices.mjs`);
    process.exitCode = 1;
  }
} else writeFileSync(FILE, wanted);
