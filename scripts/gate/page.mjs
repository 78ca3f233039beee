import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png' }; // prettier-ignore

/** Serves folders by the beginning of their address, the first that has the file. `html` is the page at `/`, where no folder has an index.html. */
export async function serve(folders, html) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]));
    for (const [prefix, folder] of Object.entries(folders)) {
      if (!path.startsWith(prefix)) continue;
      const named = join(folder, path.slice(prefix.length));
      const file = [named, `${named}.html`, join(named, 'index.html')].find(
        (each) => existsSync(each) && extname(each) !== '',
      );
      if (file === undefined) continue;
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      return response.end(readFileSync(file));
    }
    if (path === '/' && html !== undefined) return response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    response.writeHead(404).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () => new Promise((done) => server.close(done).closeAllConnections()),
  };
}

/** Headless Chromium, or null where there is none. */
export async function chromiumOrNull() {
  const usual = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/opt/google/chrome/chrome',
  ];
  const executablePath = process.env.CHROMIUM_PATH ?? usual.find((path) => existsSync(path));
  if (executablePath === undefined) return null;
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox'] });
}

/** Opens a page and waits until it has set its title. @returns the title, and what the console said of errors and warnings. */
export async function openPage(browser, url) {
  const page = await browser.newPage();
  const said = [];
  page.on('console', (message) => {
    const theirs = /No available adapters/.test(message.text()); // of Chromium, when asked for a GPU that the machine has not
    if (['error', 'warning'].includes(message.type()) && !theirs) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.title !== '…', undefined, { timeout: 60_000 });
    return { title: await page.title(), said };
  } finally {
    await page.close();
  }
}
