import { syntheticWalk } from 'poseblocks/datasets';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page as BrowserPage } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraFlags, writeFilm } from '../support/camera-film';
import { chromiumPath, launchChromium } from '../support/chromium';
import { bundleForBrowser, servePage, type PageServer } from '../support/page-server';
import type { Page } from './browser/page';

const where = chromiumPath ?? 'absent: no Chromium in the usual places, and CHROMIUM_PATH is not set';

describe.skipIf(chromiumPath === undefined)(`headless Chromium (${where})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-camera-'));
  const errors: string[] = [];
  let server: PageServer;
  let browser: Browser;
  let page: BrowserPage;

  beforeAll(async () => {
    const film = join(folder, 'walk.mjpeg');
    const walk = syntheticWalk({ seed: 1, imageSize: [320, 240] });
    await writeFilm(film, (function* () { for (let i = 0; i < 45; i++) yield walk.at(i / 30).image; })()); // prettier-ignore
    server = await servePage(await bundleForBrowser('test/video/browser/page.ts'));
    browser = await launchChromium('wasm', cameraFlags(film));
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(server.url);
    await page.waitForFunction(() => 'page' in globalThis);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(errors).toEqual([]);
  });
  const call = <K extends keyof Page>(name: K, ...given: Parameters<Page[K]>): Promise<Awaited<ReturnType<Page[K]>>> =>
    page.evaluate(([key, args]) => (globalThis as unknown as { page: Record<string, (...all: unknown[]) => never> }).page[key]!(...args), [name, given] as const); // prettier-ignore

  it('finds the same keypoints in every kind of image, and leaves no tensor', async () => {
    const found = await call('estimateEach');
    expect(Object.keys(found)).toEqual(['raw', 'imageData', 'canvas', 'offscreen', 'bitmap', 'page', 'blob', 'frame']);
    for (const [name, { xy, leaked }] of Object.entries(found)) {
      expect(leaked, name).toBe(0);
      xy.forEach((value, i) =>
        expect(Math.abs(value - found['raw']!.xy[i]!), `${name}, coordinate ${i}`).toBeLessThan(1e-3),
      );
    }
  });

  it('reads a part of an image, at the size that is asked for', async () => {
    const { size, half, region, same } = await call('parts');
    expect(size).toEqual([640, 480]);
    expect(half).toEqual([320, 240, 0.5, 0.5, 0, 0]);
    expect(region).toEqual([51, 40, 1, 1, 100, 0]);
    expect(same[0]).toEqual(same[1]);
  });

  it('draws on a canvas what it draws as SVG, heatmaps where they lie, and fits a canvas to the display', async () => {
    const { differing, drawn, heat, fitted, sizes } = await call('drawings');
    expect(drawn).toBeGreaterThan(5000);
    expect(differing / drawn).toBeLessThan(0.02); // anti-aliased edges, and letters
    expect(heat[0]).toBeGreaterThan(200);
    expect(heat[1]).toBeLessThan(10);
    expect(heat[2]).toBe(0);
    expect(fitted).toEqual([true, false]);
    expect(sizes).toEqual([400, 200]);
  });

  it('gives a slow loop the newest picture of the camera, and never one of a queue', async () => {
    const { seen, width } = await call('slowLoop', 150, 12);
    expect(width).toBe(320);
    expect(seen).toHaveLength(12);
    expect(seen.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(12);
    for (const { behind } of seen) expect(behind).toBeLessThan(0.1); // seconds: the picture that is shown
    expect(seen.every(({ time }, i) => i === 0 || time > seen[i - 1]!.time)).toBe(true);
  });
});
