import { expect, it } from 'vitest';
import { cocoOf, labelledPictures, NAMES } from '../../support/eight-keypoints';
import { downloaded, fileInput, jsonFile, pngFile, shoot, type Studio } from '../../support/studio-page';
import { sameInNode } from './exported';

const COUNT = 40;
/** Labelled by hand: every fifth picture is held out, and these are not among them. */
const CLICKED = 3;

export function trainTests(studio: () => Studio): void {
  it('trains on forty labelled pictures to PCK@0.1 of 0.9 in the page, over a reload, and exports a model that finds the same in Node', async () => {
    const pictures = labelledPictures(COUNT);
    const opened = await studio().open();
    const { page, context, faults, go } = opened;
    await go('label');
    const field = page.getByRole('textbox', { name: 'Keypoints' });
    await field.fill(NAMES.join('\n'));
    await field.blur();

    // Three by clicks, as a user labels them.
    const open = fileInput(page, 'Open pictures or COCO JSON');
    await open.setInputFiles(await Promise.all(pictures.slice(0, CLICKED).map(({ name, image }) => pngFile(name, image)))); // prettier-ignore
    await expect.poll(() => page.locator('.thumbnails button').count()).toBe(CLICKED);
    const visible = page.locator('.keypoints small', { hasText: 'visible' });
    const editor = page.locator('.editor');
    for (let i = 0; i < CLICKED; i++) {
      const { image, xy } = pictures[i]!;
      await expect.poll(() => visible.count()).toBe(0);
      await editor.scrollIntoViewIfNeeded();
      const box = (await editor.boundingBox())!;
      for (const [k, [x, y]] of xy.entries()) {
        // Where two lie on one another, a click would take hold of the first.
        const near = xy.slice(0, k).some(([u, v]) => Math.hypot(u - x, v - y) * (box.width / image.width) < 10);
        const aside = near ? 10 * (image.width / box.width) : 0;
        await editor.click({
          position: { x: ((x + aside + 0.5) * box.width) / image.width, y: ((y + 0.5) * box.height) / image.height },
        });
        await expect.poll(() => visible.count()).toBe(k + 1);
      }
      if (i + 1 < CLICKED) await page.keyboard.press('n');
    }

    // The rest with their labels.
    const rest = pictures.slice(CLICKED);
    await open.setInputFiles([
      jsonFile('labels.json', cocoOf(rest)),
      ...(await Promise.all(rest.map(({ name, image }) => pngFile(name, image)))),
    ]);
    await page.getByText(`${COUNT} of ${COUNT} pictures labelled`).waitFor({ timeout: 60_000 });

    await page.locator('select[data-choice="train"]').selectOption({ label: 'synthetic-small' });
    await page.getByRole('spinbutton', { name: 'Epochs' }).fill('10');
    const begun = performance.now();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const progress = page.locator('[data-stat="training"]');
    const finished = page.locator('[data-stat="training"][data-pck]');
    const epochOf = async (): Promise<number> => Number(/^Epoch (\d+)/.exec((await progress.textContent())!)?.[1] ?? 0);

    // Stopped in its third epoch or later, it goes on from there after a reload.
    await expect.poll(epochOf, { timeout: 300_000 }).toBeGreaterThanOrEqual(3);
    await page.getByRole('button', { name: 'Stop' }).click();
    await finished.waitFor({ timeout: 60_000 });
    expect(await progress.textContent()).toMatch(/^Stopped/);
    await page.reload();
    const goOn = page.getByRole('button', { name: 'Go on' });
    await goOn.waitFor({ timeout: 60_000 });
    expect(await page.locator('.curves svg').count()).toBe(2);
    await goOn.click();
    await expect.poll(epochOf, { timeout: 120_000 }).toBeGreaterThan(0);
    expect(await epochOf()).toBeGreaterThanOrEqual(3);
    await finished.waitFor({ timeout: 1_500_000 });
    const text = (await progress.textContent())!;
    console.log(`${text}, in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    await page.locator('.samples').scrollIntoViewIfNeeded();
    await shoot(page, 'label-trained');
    expect(text).toMatch(/^Done/);
    expect(Number(await progress.getAttribute('data-pck'))).toBeGreaterThanOrEqual(0.9);

    const pose = await downloaded(page, page.getByRole('button', { name: 'Pose model' }));
    const onnx = await downloaded(page, page.getByRole('button', { name: 'ONNX' }));
    await sameInNode(opened, pose, onnx, pictures);
    expect(faults).toEqual([]);
    await context.close();
  }, 1_800_000);
}
