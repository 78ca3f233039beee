import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { buildSite, SITE } from '../site/build.mjs';
import { SECTIONS } from '../../docs/.vitepress/sections.mjs';
import { chromiumOrNull, serve } from './page.mjs';
import { must } from './shell.mjs';

const REMEDY = 'npm run site, and look at the page.';

/** Builds the site and checks, without a browser, that every link and anchor of it leads somewhere and every page is in a section. */
export async function builtSite() {
  await buildSite();
  const pages = htmlFiles();
  const known = new Map(pages.map((file) => [file, readFileSync(join(SITE, file), 'utf8')]));
  const dead = [...known].flatMap(([file, html]) => deadLinks(file, html, known));
  must(dead.length === 0, `Dead links:\n${dead.slice(0, 20).join('\n')}`, 'Mend them, or the heading that they name.');
  const listed = new Set(SECTIONS.flatMap(({ items }) => items.map(({ link }) => link)));
  const lost = pages.filter((file) => !/^(api\/|404|index)/.test(file) && !listed.has(`/${file.slice(0, -5)}`));
  must(lost.length === 0, `Pages in no section: ${lost.join(', ')}.`, 'Add them to docs/.vitepress/sections.mjs.');
  return `${pages.length} pages`;
}

function htmlFiles() {
  return readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html')).sort(); // prettier-ignore
}

/** Links of a page, and pictures, to files and anchors of the site that are not there. */
function deadLinks(file, html, known) {
  const body = html.replace(/<pre[\s\S]*?<\/pre>/g, '');
  const links = [...body.matchAll(/<(?:a|img|source)\b[^>]*?\s(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
  return [...new Set(links)].flatMap((link) => {
    if (/^(https?:|mailto:|data:)/.test(link)) return [];
    const [path, anchor] = decodeURI(link.replaceAll('&amp;', '&')).split('#');
    const at = path === '' ? file : path.startsWith('/') ? path.slice(1) : normalize(join(dirname(file), path));
    const target = [at, join(at, 'index.html'), `${at}.html`].find((each) => known.has(each) || (each === at && at !== '' && !at.endsWith('/') && existsSync(join(SITE, at)))); // prettier-ignore
    if (target === undefined) return [`${file}: ${link}`];
    if (!anchor || !known.has(target)) return [];
    return known.get(target).includes(`id="${anchor}"`) ? [] : [`${file}: ${link} (no such heading)`];
  });
}

/** Every page in Chromium, where there is one: no message of the console; axe without serious findings; no page wider than a phone; the search finds what people look for. */
export async function openedSite() {
  const browser = await chromiumOrNull();
  if (browser === null) return 'not opened, for there is no Chromium';
  const server = await serve({ '/': SITE });
  try {
    const pages = htmlFiles().filter((file) => file !== '404.html');
    // The reference is one template: of its pages the entrance and the shortest stand for all before axe.
    const looked = pages.filter(
      (file) => !file.startsWith('api/') || /^api\/(index|random|models\/node)\.html$/.test(file),
    );
    const faults = [];
    // Dark colours are the theme's: a few pages stand for all. Three pages at a time.
    const schemesOf = (file) => (!looked.includes(file) ? [] : looked.indexOf(file) % 6 === 0 ? ['light', 'dark'] : ['light']); // prettier-ignore
    const left = pages.values();
    const work = async () => {
      for (const file of left) faults.push(...(await faultsOf(browser, server.url, file, schemesOf(file))));
    };
    await Promise.all([work(), work(), work()]);
    must(faults.length === 0, `${faults.length} findings:\n${faults.slice(0, 20).join('\n')}`, REMEDY);
    for (const words of ['flip test', 'install', 'camera']) await search(browser, server.url, words);
    return `${pages.length} pages without a message, ${looked.length} by axe, every sixth in dark too, search`;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function opened(browser, url, file, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
  await page.goto(url + file, { waitUntil: 'networkidle' });
  return { page, said, close: () => context.close() };
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What is wrong with a page on a phone: its console, its width, and what axe finds in light and dark. */
async function faultsOf(browser, url, file, colorSchemes) {
  const { page, said, close } = await opened(browser, url, file, { viewport: { width: 390, height: 844 } });
  const faults = said.map((text) => `${file}: the console must stay empty. Received: ${text}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${file}: it must fit a phone of 390 pixels. Received: ${wide} pixels more.`);
  if (colorSchemes.length > 0) await page.addScriptTag({ path: AXE });
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForFunction((dark) => document.documentElement.classList.contains('dark') === dark, colorScheme === 'dark'); // prettier-ignore
    await page.waitForTimeout(600); // colours fade
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    faults.push(...serious.map(({ id, help, nodes }) => `${file} (${colorScheme}): ${id}: ${help}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary?.slice(0, 300)}`)); // prettier-ignore
  }
  await close();
  return faults;
}

async function search(browser, url, words) {
  const { page, said, close } = await opened(browser, url, 'index.html', { viewport: { width: 1280, height: 900 } });
  await page.click('.VPNavBarSearch button');
  await page.fill('#localsearch-input', words);
  await page.waitForSelector('#localsearch-list a.result', { timeout: 20_000 });
  const results = await page.locator('#localsearch-list a.result').evaluateAll((links) => links.map((link) => link.getAttribute('href'))); // prettier-ignore
  const guides = results.filter((link) => link !== null && !link.includes('/api/'));
  await page.locator('#localsearch-list a.result').first().click();
  await page.waitForFunction(() => location.pathname !== '/' && location.pathname !== '/index.html');
  await close();
  must(guides.length > 0, `The search for "${words}" must find a guide. Received: ${results.join(', ')}`, REMEDY);
  must(
    said.length === 0,
    `The search for "${words}": the console must stay empty. Received: ${said.join('\n')}`,
    REMEDY,
  );
}
