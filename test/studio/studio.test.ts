import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { noChromium } from '../support/chromium';
import { describeWhere } from '../support/describe-where';
import { DIST, fileInput, shoot, startStudio, type Studio } from '../support/studio-page';
import { compareTests } from './views/compare';
import { evaluateTests } from './views/evaluate';
import { modelsTests } from './views/models';
import { seeTests } from './views/see';
import { trainTests } from './views/train';

describeWhere('the studio in headless Chromium', noChromium, () => {
  let studio: Studio;
  beforeAll(async () => {
    studio = await startStudio();
  }, 900_000);
  afterAll(() => studio?.close());

  it('loads at most 400 kB of gzipped JavaScript and CSS at first, all of it its own', async () => {
    const { page, context, faults, requests } = await studio.open();
    await page.waitForLoadState('networkidle');
    const size = requests
      .map((request) => new URL(request.url()).pathname)
      .filter((path) => /\.(m?js|css)$/.test(path))
      .reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0);
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThanOrEqual(400_000);
    expect(await page.getByRole('button', { name: 'Start the camera' }).isVisible()).toBe(true);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('has no serious finding of axe-core in any view, light and dark, and no error', async () => {
    const { page, context, faults, go } = await studio.open();
    for (const view of ['see', 'models', 'compare', 'label', 'evaluate']) {
      await go(view);
      if (view === 'models') await page.waitForSelector('.network', { timeout: 120_000 });
      await shoot(page, view);
    }
    expect(faults).toEqual([]);
    await context.close();
  }, 600_000);

  it('keeps keypoints, pictures and clicked labels over a reload, and undoes a click', async () => {
    const { page, context, faults, go } = await studio.open({ viewport: { width: 1300, height: 1000 } });
    await go('label');
    await page.getByRole('textbox', { name: 'Keypoints' }).fill('head\nleft_hand\nright_hand');
    await page.getByRole('textbox', { name: 'Keypoints' }).blur();
    const png = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 100 });
      canvas.getContext('2d')!.fillRect(20, 20, 50, 50);
      return canvas.toDataURL('image/png').split(',')[1]!;
    });
    await fileInput(page, 'Open pictures or COCO JSON').setInputFiles([{ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') }]); // prettier-ignore
    await page.waitForSelector('.label[data-state="labelling"] .editor');
    const editor = page.locator('.editor');
    const box = (await editor.boundingBox())!;
    for (const [x, y] of [[0.25, 0.3], [0.5, 0.5], [0.75, 0.6]] as const) await editor.click({ position: { x: x * box.width, y: y * box.height } }); // prettier-ignore
    const visible = page.locator('.keypoints small', { hasText: 'visible' });
    await expect.poll(() => visible.count()).toBe(3);
    await page.keyboard.press('Control+z');
    await expect.poll(() => visible.count()).toBe(2);
    await page.reload();
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

  seeTests(() => studio);
  modelsTests(() => studio);
  compareTests(() => studio);
  evaluateTests(() => studio);
  trainTests(() => studio);
});
