import { syntheticWalk } from 'poseblocks/datasets';
import { expect, it } from 'vitest';
import { chooseModel, fileInput, pngFile, shoot, type Studio } from '../../support/studio-page';

export function compareTests(studio: () => Studio): void {
  it('says how far two models lie apart in a photograph, and which is faster', async () => {
    const { page, context, faults, go, stat } = await studio().open();
    await go('compare');
    await chooseModel(page, 'left', 'synthetic-small');
    await chooseModel(page, 'right', 'synthetic-small');
    const { image } = syntheticWalk({ seed: 7, imageSize: [320, 240], noise: 0 }).at(2);
    const photograph = fileInput(page, 'On a photograph or a video');
    await photograph.setInputFiles([await pngFile('walker.png', image)]);
    await page.waitForSelector('[data-stat="distance"]', { timeout: 120_000 });
    // The same model twice is 0 apart.
    expect([await stat('pairs'), await page.textContent('[data-stat="distance"]')]).toEqual([1, '0.0 % of a person']);
    await chooseModel(page, 'right', 'lpn-50-leeds');
    await expect
      .poll(() => page.textContent('[data-stat="distance"]'), { timeout: 120_000 })
      .not.toBe('0.0 % of a person');
    expect(await page.textContent('[data-stat="ratio"]')).toMatch(/^[AB], \d/);
    expect(await page.getByText(/found · network \d/).count()).toBe(2);
    await shoot(page, 'compare-photograph');
    // Designs of the papers have no weights: their speed only.
    await chooseModel(page, 'right', 'LPN with one block a stage, untrained');
    await page.getByText('untrained: its speed only').waitFor({ timeout: 120_000 });
    // Other models while the demo plays.
    await page.getByRole('button', { name: 'On the demo' }).click();
    for (const [side, name] of [
      ['right', 'lpn-small-leeds'],
      ['left', 'lpn-50-leeds'],
      ['right', 'synthetic-small'],
    ] as const) {
      // prettier-ignore
      await page.waitForTimeout(300);
      await chooseModel(page, side, name);
    }
    await expect.poll(() => stat('pairs'), { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await page.locator('.notices .error').count()).toBe(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(faults).toEqual([]);
    await context.close();
  }, 600_000);
}
