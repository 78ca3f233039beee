import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { SECTIONS } from './sections.mjs';

const api = new URL('../api/', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The modules that TypeDoc has written pages of: `blocks`, `datasets`, `datasets/node` … */
const modules = existsSync(api)
  ? readdirSync(api, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !/(^|\/)(index|changelog)\.md$/.test(file))
      .map((file) => file.slice(0, -3))
      .sort()
  : [];

/** Anchors as GitHub and TypeDoc make them, so that a link holds in the repository and here. */
const slugify = (text) => text.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-'); // prettier-ignore

/** Wide tables scroll, and what scrolls must be reachable by the keyboard. */
function scrollableTables(md) {
  md.renderer.rules.table_open = () => '<table tabindex="0">\n';
}

export default defineConfig({
  title: 'poseblocks',
  description:
    'Human pose estimation in TypeScript: networks, training and evaluation on TensorFlow.js, in Node and the browser.',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  outDir: join(import.meta.dirname, 'dist'),
  head: [['link', { rel: 'icon', href: `${process.env.SITE_BASE ?? '/'}icon.svg` }]],
  lastUpdated: false,
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { bash: 'sh' },
    anchor: { slugify },
    config: scrollableTables,
  },
  vite: { build: { chunkSizeWarningLimit: 4000 }, logLevel: 'warn' },
  themeConfig: {
    nav: [
      { text: 'Tutorials', link: '/first-network' },
      { text: 'Guides', link: '/your-own-skeleton' },
      { text: 'Reference', link: '/api/' },
      { text: 'FAQ', link: '/faq' },
      { text: version, link: '/api/changelog' },
    ],
    sidebar: {
      '/': SECTIONS,
      '/api/': [
        { text: 'Guides', link: '/first-network' },
        {
          text: 'Modules',
          items: modules.map((name) => ({ text: `poseblocks/${name}`, link: `/api/${name}` })),
        },
      ],
    },
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { fuzzy: 0.2, prefix: true, boost: { title: 8, titles: 4, text: 1 } } } },
    },
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'MIT licence' },
  },
});
