import { syntheticPeople } from 'poseblocks/datasets';
import { evaluateCoco, type CocoDataset } from 'poseblocks/metrics';
import { seededRandom } from 'poseblocks/random';
import { expect, it } from 'vitest';
import { fileInput, jsonFile, pngFile, shoot, type Studio } from '../../support/studio-page';

export function evaluateTests(studio: () => Studio): void {
  it('says of annotations and results what evaluateCoco says, with the worst people over their pictures', async () => {
    const { json, images } = syntheticPeople({ seed: 4, count: 14 });
    const random = seededRandom(1);
    const results = json.annotations.map(({ image_id, category_id, keypoints, area }, i) => ({
      image_id,
      category_id,
      keypoints: Array.from(keypoints!, (value, k) => (k % 3 === 2 ? Math.sign(value) : value + 0.012 * i * Math.sqrt(area as number) * random.normal())), // prettier-ignore
      score: 0.99 - 0.03 * i,
    }));
    const expected = evaluateCoco(results, json as unknown as CocoDataset);
    const { page, context, faults, go, stat } = await studio().open();
    await go('evaluate');
    const files = fileInput(page, 'Open files');
    await files.setInputFiles([jsonFile('truth.json', json), jsonFile('results.json', results)]);
    await page.waitForSelector('[data-stat="AP"]');
    for (const name of ['AP', 'AP50', 'AP75', 'AR'] as const) expect(await stat(name)).toBeCloseTo(expected[name], 3);
    expect(expected.AP).toBeGreaterThan(0.2);
    expect(expected.AP).toBeLessThan(0.95);
    const pictures = await Promise.all(images.map((image, i) => pngFile(json.images[i]!.file_name!, image)));
    await files.setInputFiles(pictures);
    await expect.poll(() => page.locator('.gallery image').count(), { timeout: 60_000 }).toBeGreaterThan(5);
    expect(await page.locator('.gallery image').count()).toBe(await page.locator('.gallery figure').count());
    await shoot(page, 'evaluate-report');
    await page.locator('.gallery').scrollIntoViewIfNeeded();
    await shoot(page, 'evaluate-people');

    // Errors in words.
    await files.setInputFiles([jsonFile('other.json', { a: 1 })]);
    await page.getByText('other.json is neither COCO annotations').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  }, 300_000);
}
