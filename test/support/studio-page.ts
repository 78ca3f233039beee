import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page, Request } from 'playwright-core';
import sharp from 'sharp';
import type { RgbImage } from 'poseblocks/datasets';
import { expect } from 'vitest';
import config from '../../studio/vite.config';
import { launchChromium } from './chromium';
import { serveStudio } from './studio-server';

/** The studio as `npm run studio -- --build` makes it. */
export const DIST = 'studio/dist';
/** Where pictures of every view go, at three widths, dark and light. */
export const SCREENSHOTS = process.env['STUDIO_SCREENSHOTS'] ?? 'out/studio';
const SIZES = [[1440, 900], [820, 900], [390, 844]] as const; // prettier-ignore

/** A page of the studio that notes its own errors, and requests to other hosts, as faults. */
export interface StudioPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: readonly string[];
  readonly requests: readonly Request[];
  /** Goes to a view, and waits until it is there. */
  go(view: string): Promise<void>;
  /** The number that the page shows under a name. */
  stat(name: string): Promise<number>;
}

export interface Studio {
  open(options?: Parameters<Browser['newContext']>[0]): Promise<StudioPage>;
  close(): Promise<void>;
}

/** Builds the studio, unless STUDIO_BUILT says that it is built, and serves it to headless Chromium. */
export async function startStudio(flags: readonly string[] = []): Promise<Studio> {
  if (process.env['STUDIO_BUILT'] === undefined) {
    const { stdout, stderr } = spawnSync('node', ['scripts/studio.mjs', '--build'], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['The studio is in studio/dist.\n', '']);
  }
  const server = await serveStudio(DIST, config.preview!.headers as Record<string, string>);
  const browser = await launchChromium('wasm', flags);
  return {
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      const faults: string[] = [];
      const requests: Request[] = [];
      page.on('pageerror', ({ message }) => faults.push(message));
      page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
      page.on('request', (request) => {
        requests.push(request);
        const { protocol, host } = new URL(request.url());
        if (protocol.startsWith('http') && host !== new URL(server.url).host) faults.push(`a request to ${host}`);
      });
      await page.goto(server.url);
      const go = async (view: string): Promise<void> => {
        await page.evaluate((hash) => void (location.hash = hash), view);
        await page.waitForSelector(`main[data-view="${view}"] > *`, { timeout: 60_000 });
      };
      await go('see');
      const stat = async (name: string): Promise<number> => Number((await page.textContent(`[data-stat="${name}"]`))!.replace(/[^\d.]/g, '')); // prettier-ignore
      return { page, context, faults, requests, go, stat };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** What axe-core finds serious in the page. */
async function seriousFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run(); // prettier-ignore
    return violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 120)}`); // prettier-ignore
  });
}

/**
 * Takes pictures of the page at three widths, dark and light, and checks that nothing is wider than the page, and that axe-core finds nothing serious in the
 * widest in light and the narrowest in dark colours.
 */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const before = page.viewportSize()!;
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    const judged = width === SIZES[0][0] ? 'light' : width === SIZES[2][0] ? 'dark' : undefined;
    for (const colorScheme of ['light', 'dark'] as const) {
      // colours are judged where they come to rest, not on their way
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if (colorScheme === judged) expect(await seriousFindings(page), `${name} at ${width}, ${judged}`).toEqual([]);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`) });
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, `${name} at ${width}: pixels that are wider than the page`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(before);
}

/** A picture as a file that a page takes. */
export async function pngFile(
  name: string,
  { width, height, data }: RgbImage,
): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const buffer = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return { name, mimeType: 'image/png', buffer };
}

export const jsonFile = (name: string, value: unknown): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify(value)),
});

/** What a click downloads. */
export async function downloaded(page: Page, button: Locator): Promise<Buffer> {
  const saved = page.waitForEvent('download');
  await button.click();
  return readFileSync((await (await saved).path())!);
}

/** The input behind a button that opens files. */
export const fileInput = (page: Page, label: string): Locator =>
  page.locator(`main input[type="file"][aria-label="${label}"]`);

/** Drops a file on an element, as from a folder of the desktop. */
export async function drop(
  page: Page,
  selector: string,
  { name, mimeType, buffer }: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer },
): Promise<void> {
  const given = [name, mimeType, buffer.toString('base64')] as const;
  const dataTransfer = await page.evaluateHandle(([title, type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], title, { type }));
    return transfer;
  }, given);
  await page.dispatchEvent(selector, 'drop', { dataTransfer });
}

/** A model of the list by its name, chosen where the page lets choose one. */
export async function chooseModel(page: Page, choice: string, name: string): Promise<void> {
  const select = page.locator(`select[data-choice="${choice}"]`);
  await select.selectOption({ label: name });
}
