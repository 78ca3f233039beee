/**
 * Code in the pages is taken from the examples, which are compiled and run. A block of TypeScript stands under its source:
 *
 *     <!-- snippet: examples/evaluate.ts#metrics -->     the region between `// #region metrics` and `// #endregion`, with the imports and declarations that it needs
 *     <!-- snippet: examples/evaluate.ts -->             the file without its head comment
 *     <!-- snippet: none (why) -->                       written by hand
 *
 * `node scripts/docs-snippets.mjs` writes the blocks; with `--check` it only compares. A TypeScript block without a
 * source fails, and so does a source without a block.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeProgram } from './whole-program.mjs';

const FENCE =
  /(?:<!-- snippet: (?<source>[^\n]*?) -->\n+)?^(?<indent> *)```(?:ts|typescript)\n(?<code>[\s\S]*?)^ *```$/gm;

const BLOCKLESS = /^ *<!-- snippet: ([^\n]*?) -->\n(?!\n* *```(?:ts|typescript)\n)/m;

/** The code that `source` names, without the indentation that all of it shares. */
export function snippet(source, read = (path) => readFileSync(path, 'utf8')) {
  const [path, region] = source.split('#');
  const text = read(path);
  const lines = text.split('\n');
  if (region === undefined)
    return `${lines
      .join('\n')
      .replace(/^\/\*\*[\s\S]*?\*\/\n+/, '')
      .trim()}\n`;
  const start = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  if (start < 0) throw new RangeError(`there is no "// #region ${region}" in ${path}`);
  let depth = 0;
  const length = lines.slice(start).findIndex((line) => {
    if (line.trim().startsWith('// #region')) depth++;
    if (line.trim().startsWith('// #endregion')) depth--;
    return depth === 0;
  });
  if (length < 0) throw new RangeError(`"// #region ${region}" does not end in ${path}`);
  const body = lines.slice(start + 1, start + length).filter((line) => !/^\s*\/\/ #(end)?region/.test(line));
  const shared = Math.min(...body.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  const shownBody = `${body
    .map((line) => line.slice(shared).trimEnd())
    .join('\n')
    .trim()}\n`;
  const place = (line) => lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
  return wholeProgram(text, { from: place(start + 1), to: place(start + length), body: shownBody });
}

/** The page with every block as its source says. */
export function filled(page, read) {
  const blockless = BLOCKLESS.exec(page);
  if (blockless) throw new RangeError(`a source has no TypeScript block: "${blockless[1]}"`);
  return page.replace(FENCE, (block, ...rest) => {
    const { source, indent, code } = rest.at(-1);
    const first = code.split('\n')[0];
    if (source === undefined) throw new RangeError(`a TypeScript block has no source: "${first}"`);
    if (/^none \(.+\)$/.test(source)) return block;
    const lines = snippet(source, read).split('\n').map((line) => (line === '' ? '' : indent + line)); // prettier-ignore
    return block.replace(/(```\w+\n)[\s\S]*$/, (_, open) => `${open}${lines.join('\n')}${indent}\`\`\``);
  });
}

function main() {
  const check = process.argv.includes('--check');
  const guides = readdirSync('docs').filter((file) => file.endsWith('.md')).map((file) => join('docs', file)); // prettier-ignore
  const stale = [];
  for (const path of [...guides, 'README.md', 'CONTRIBUTING.md'].filter((file) => existsSync(file))) {
    try {
      const page = readFileSync(path, 'utf8');
      const wanted = filled(page);
      if (wanted === page) continue;
      stale.push(`${path}: its snippets are not what the examples say`);
      if (!check) writeFileSync(path, wanted);
    } catch (error) {
      stale.push(`${path}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  for (const line of stale) console.log(line);
  if (check && stale.length > 0) process.exitCode = 1;
}

if (process.argv[1]?.endsWith('docs-snippets.mjs')) main();
