import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cameraFlags, writeWalkers } from '../support/camera-film';
import { keepMemories, memoryOf } from '../support/camera-page';
import { noChromium } from '../support/chromium';
import { describeWhere } from '../support/describe-where';
import { noHumanModels } from '../support/human-models';
import { chooseModel, shoot, startStudio, type Studio } from '../support/studio-page';

describeWhere('the studio before a camera, in headless Chromium', noChromium ?? noHumanModels, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-studio-'));
  let studio: Studio;
  beforeAll(async () => {
    const film = join(folder, 'walkers.mjpeg');
    await writeWalkers(film);
    studio = await startStudio(cameraFlags(film));
  }, 900_000);
  afterAll(async () => {
    await studio?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('follows one walker and then two for 300 pictures, with constant ids, memory and tensors', async () => {
    const { page, context, faults, stat } = await studio.open();
    await page.addInitScript(keepMemories);
    await page.reload();
    const session = await context.newCDPSession(page);
    await chooseModel(page, 'see', 'synthetic-small');
    await page.getByRole('button', { name: 'Start the camera' }).click();
    const frames = (count: number) => expect.poll(() => stat('frames'), { timeout: 900_000 }).toBeGreaterThanOrEqual(count); // prettier-ignore
    await frames(10);
    const tensors = await stat('tensors');
    await frames(30);
    const early = await memoryOf(page, session);
    await frames(300);
    const late = await memoryOf(page, session);
    const events = await page.locator('.events li').allTextContents();
    expect(events.reverse()).toEqual(['Person 1 came.', 'Person 2 came.']);
    expect([await stat('people'), await stat('tensors')]).toEqual([2, tensors]);
    expect(late.wasm).toBe(early.wasm);
    expect(late.objects - early.objects).toBeLessThan(2e6);
    await shoot(page, 'see-camera');
    expect(faults).toEqual([]);
    await context.close();
  }, 1_800_000);
});
