import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../../studio/vite.config';
import { chromiumPath, launchChromium } from '../support/chromium';
import type { PageServer } from '../support/page-server';
import { serveStudio } from '../support/studio-server';

const VIEWS = ['see', 'models', 'compare', 'label', 'evaluate'] as const;
const DIST = 'studio/dist';
/** Where pictures of every view go, at three widths, dark and light; none without. */
const SCREENSHOTS = process.env['STUDIO_SCREENSHOTS'];
const WIDTHS = [1440, 820, 390] as const;
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

const where = chromiumPath ?? 'absent: no Chromium in the usual places, and CHROMIUM_PATH is not set';

describe.skipIf(chromiumPath === undefined)(`the studio in headless Chromium (${where})`, () => {
  let server: PageServer;
  let browser: Browser;

  beforeAll(async () => {
    if (process.env['STUDIO_BUILT'] === undefined) execFileSync('node', ['scripts/studio.mjs', '--build']);
    server = await serveStudio(DIST, config.preview!.headers as Record<string, string>);
    browser = await launchChromium('wasm');
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page that fails the test for an error of its own or a request to another host. */
  async function open(
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; context: BrowserContext; faults: string[]; requests: Request[] }> {
    const context = await browser.newContext(options);
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
    return { page, context, faults, requests };
  }
  const shown = (page: Page, view: string) =>
    page.waitForSelector(`main[data-view="${view}"] > *`, { timeout: 60_000 });

  it('loads at most 400 kB of gzipped JavaScript and CSS at first, all of it its own', async () => {
    const { page, context, faults, requests } = await open();
    await page.goto(server.url);
    await shown(page, 'see');
    const size = requests
      .map((request) => new URL(request.url()).pathname)
      .filter((path) => /\.(js|css)$/.test(path))
      .reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0);
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThanOrEqual(400_000);
    expect(await page.getByRole('button', { name: 'Start the camera' }).isVisible()).toBe(true);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('has no serious finding of axe-core in any view, light and dark, and no error', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      // colours are judged where they come to rest, not on their way
      const { page, context, faults } = await open({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(server.url);
      await page.evaluate(axe);
      for (const view of VIEWS) {
        await page.evaluate((hash) => void (location.hash = hash), view);
        await shown(page, view);
        if (view === 'models') await page.waitForSelector('.network', { timeout: 120_000 });
        const serious = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run(); // prettier-ignore
          return violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 120)}`); // prettier-ignore
        });
        expect(serious, `${view}, ${colorScheme}`).toEqual([]);
        if (SCREENSHOTS) {
          mkdirSync(SCREENSHOTS, { recursive: true });
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 900 });
            await page.screenshot({ path: join(SCREENSHOTS, `${view}-${width}-${colorScheme}.png`) });
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            expect(wide, `${view} at ${width}`).toBeLessThanOrEqual(0);
          }
          await page.setViewportSize({ width: 1440, height: 900 });
        }
      }
      expect(faults).toEqual([]);
      await context.close();
    }
  }, 600_000);

  const models = existsSync('weights') ? readdirSync('weights').filter((name) => name.endsWith('.safetensors')) : [];
  it.skipIf(models.length === 0)(
    'follows a synthetic walker of the demo, with a shipped model, and keeps no tensor',
    async () => {
      const { page, context, faults } = await open({ viewport: { width: 1100, height: 800 } });
      await page.goto(server.url);
      await shown(page, 'see');
      await page.getByRole('button', { name: 'Play the demo' }).click();
      const stat = async (name: string): Promise<number> => Number((await page.textContent(`[data-stat="${name}"]`))!.replace(/[^\d.]/g, '')); // prettier-ignore
      const frames = (count: number) => page.waitForFunction((n) => Number(document.querySelector('[data-stat="frames"]')?.textContent ?? 0) >= n, count, { timeout: 240_000 }); // prettier-ignore
      await frames(12);
      const [people, tensors] = [await stat('people'), await stat('tensors')];
      expect(people).toBeGreaterThanOrEqual(1);
      await frames(30);
      expect(await stat('tensors')).toBe(tensors);
      if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, 'see-demo.png') });
      await page.getByRole('button', { name: 'Stop' }).click();
      expect(faults).toEqual([]);
      await context.close();
    },
    600_000,
  );

  it('keeps keypoints, pictures and clicked labels over a reload, and undoes a click', async () => {
    const { page, context, faults } = await open({ viewport: { width: 1300, height: 1000 } });
    await page.goto(`${server.url}#label`);
    await shown(page, 'label');
    await page.getByRole('textbox', { name: 'Keypoints' }).fill('head\nleft_hand\nright_hand');
    await page.getByRole('textbox', { name: 'Keypoints' }).blur();
    const png = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 100 });
      canvas.getContext('2d')!.fillRect(20, 20, 50, 50);
      return canvas.toDataURL('image/png').split(',')[1]!;
    });
    await page.locator('main input[type="file"]').setInputFiles([{ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') }]); // prettier-ignore
    await page.waitForSelector('.label[data-state="labelling"] .editor');
    const editor = page.locator('.editor');
    const box = (await editor.boundingBox())!;
    for (const [x, y] of [[0.25, 0.3], [0.5, 0.5], [0.75, 0.6]] as const) await editor.click({ position: { x: x * box.width, y: y * box.height } }); // prettier-ignore
    const visible = page.locator('.keypoints small', { hasText: 'visible' });
    await expect.poll(() => visible.count()).toBe(3);
    await page.keyboard.press('Control+z');
    await expect.poll(() => visible.count()).toBe(2);
    await page.reload();
    await shown(page, 'label');
    await expect.poll(() => visible.count()).toBe(2);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Labels as COCO JSON' }).click();
    const coco = JSON.parse(readFileSync((await (await saved).path())!, 'utf8')) as { annotations: { keypoints: number[] }[]; categories: { keypoints: string[] }[] }; // prettier-ignore
    expect(coco.categories[0]!.keypoints).toEqual(['head', 'left_hand', 'right_hand']);
    const [x, y, v] = coco.annotations[0]!.keypoints as [number, number, number];
    expect([Math.abs(x - 49.5) < 1.5, Math.abs(y - 29.5) < 1.5, v]).toEqual([true, true, 2]);
    expect(faults).toEqual([]);
    await context.close();
  }, 300_000);
});
