import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { run } from '../gate/shell.mjs';
import { writeReference } from './reference.mjs';

export const SITE = 'docs/.vitepress/dist';

/** The reference by TypeDoc, the changelog, and the pages of docs/, as static files. @param {{ base?: string }} options */
export async function buildSite({ base = '/' } = {}) {
  rmSync('docs/api', { recursive: true, force: true });
  await run(['node', 'node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn']);
  writeReference();
  mkdirSync('docs/api', { recursive: true });
  writeFileSync('docs/api/changelog.md', readFileSync('CHANGELOG.md', 'utf8').replaceAll(/\]\(docs\//g, '](../'));
  await run(['node', 'node_modules/vitepress/bin/vitepress.js', 'build', 'docs'], {
    env: { SITE_BASE: base },
    remedy: 'See docs/.vitepress/config.mjs. A dead link is named above.',
  });
  cpSync('docs/images', `${SITE}/images`, { recursive: true });
  // What pages link to that is no page.
  for (const file of ['engines.json', 'kill-and-resume.csv', 'results.csv']) cpSync(`docs/${file}`, `${SITE}/${file}`);
}
