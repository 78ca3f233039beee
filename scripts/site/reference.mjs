import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const API = 'docs/api';

/** The entrance of the reference: what each module is for, in a sentence, and the functions that it has. */
export function writeReference() {
  const rows = modules().map((name) => {
    const page = readFileSync(join(API, `${name}.md`), 'utf8');
    return { name, what: purpose(page, name), functions: functionsOf(page) };
  });
  writeFileSync(join(API, 'index.md'), entrance(rows));
}

/** `blocks`, `datasets`, `datasets/node` … */
export function modules() {
  if (!existsSync(API)) return [];
  return readdirSync(API, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/(^|\/)(index|changelog)\.md$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort();
}

function purpose(page, name) {
  const text = /^# .+\n+([\s\S]*?)\n+## /.exec(page)?.[1] ?? '';
  if (text === '') throw new Error(`src/${name}/index.ts must begin with a docstring of the module, with @packageDocumentation. Received: none.`); // prettier-ignore
  return text.replaceAll('\n', ' ');
}

/** The headings under "Functions", with their anchors. */
function functionsOf(page) {
  const part = /^## Functions\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(page)?.[1] ?? '';
  return [...part.matchAll(/^### (.+?)\(\) \{#(.+?)\}$/gm)].map(([, name, anchor]) => ({
    name: name.replaceAll('\\', ''),
    anchor,
  }));
}

function entrance(rows) {
  const sections = rows.map(({ name, what, functions }) => {
    const links = functions.map((each) => `[\`${each.name}\`](./${name}.md#${each.anchor})`).join(', ');
    return `## [poseblocks/${name}](./${name}.md)\n\n${what}\n\n${links}\n`;
  });
  return `# Reference

Each module is a subpath of the package. Import from it what you use, and a bundler keeps little more than that:

\`\`\`sh
npm install poseblocks @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
\`\`\`

\`\`\`js
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
\`\`\`

The root, \`poseblocks\`, has the names that most programs begin with. Each page lists functions first, then classes, data and types. Modules whose name
ends in \`/node\` need Node; all others run in a page too.

${sections.join('\n')}`;
}
