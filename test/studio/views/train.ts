import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticPeople, type RgbImage } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { expect, it } from 'vitest';
import { downloaded, fileInput, jsonFile, pngFile, shoot, type Studio } from '../../support/studio-page';

const NAMES = ['face', 'neck', 'left_shoulder', 'right_shoulder', 'left_hip', 'right_hip', 'left_ankle', 'right_ankle'];
const LIMBS = [[1, 2], [2, 3], [2, 4], [3, 5], [4, 6], [5, 7], [6, 8]]; // prettier-ignore
const COUNT = 40;
/** Labelled by hand: every fifth picture is held out, and these are not among them. */
const CLICKED = 3;

interface Labelled {
  readonly name: string;
  readonly image: RgbImage;
  readonly bbox: readonly number[];
  /** [x, y] of each of the eight. */
  readonly xy: readonly (readonly [number, number])[];
}

/** One synthetic person a picture, all of whose eight keypoints are in it. */
function labelledPictures(): Labelled[] {
  const { json, images } = syntheticPeople({ seed: 21, count: 2 * COUNT, people: [1, 1], imageSize: [200, 240] });
  const found = json.annotations.flatMap(({ keypoints, bbox, image_id: id }): Labelled[] => {
    const at = (k: number): readonly [number, number] => [keypoints![3 * k]!, keypoints![3 * k + 1]!];
    const used = [0, 5, 6, 11, 12, 15, 16];
    if (!used.every((k) => keypoints![3 * k + 2]! > 0)) return [];
    const [left, right] = [at(5), at(6)];
    const neck = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2] as const;
    const xy = [at(0), neck, left, right, at(11), at(12), at(15), at(16)];
    return [{ name: `person-${id}.png`, image: images[id as number]!, bbox: Array.from(bbox!), xy }];
  });
  expect(found.length).toBeGreaterThanOrEqual(COUNT);
  return found.slice(0, COUNT);
}

const cocoOf = (pictures: readonly Labelled[]): object => ({
  images: pictures.map(({ name, image: { width, height } }, i) => ({ id: i + 1, file_name: name, width, height })),
  annotations: pictures.map(({ bbox, xy }, i) => ({
    id: i + 1,
    image_id: i + 1,
    category_id: 1,
    bbox,
    area: bbox[2]! * bbox[3]!,
    iscrowd: 0,
    num_keypoints: xy.length,
    keypoints: xy.flatMap(([x, y]) => [x, y, 2]),
  })),
  categories: [{ id: 1, name: 'eight', keypoints: NAMES, skeleton: LIMBS }],
});

export function trainTests(studio: () => Studio): void {
  it('trains on forty labelled pictures to PCK@0.1 of 0.9 in the page, and exports a model that Node opens', async () => {
    const pictures = labelledPictures();
    const { page, context, faults, go } = await studio().open();
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
    await page.getByRole('spinbutton', { name: 'Epochs' }).fill('20');
    const begun = performance.now();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const result = page.locator('[data-stat="training"][data-pck]');
    await result.waitFor({ timeout: 1_500_000 });
    const text = (await result.textContent())!;
    console.log(`${text}, in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    await shoot(page, 'label-trained');
    await page.getByRole('heading', { name: '3. Train' }).scrollIntoViewIfNeeded();
    expect(text).toMatch(/^Done/);
    expect(Number(await result.getAttribute('data-pck'))).toBeGreaterThanOrEqual(0.9);

    // The exported file is a pose model of Node.
    const bytes = await downloaded(page, page.getByRole('button', { name: 'Pose model' }));
    const folder = mkdtempSync(join(tmpdir(), 'poseblocks-trained-'));
    writeFileSync(join(folder, 'model.safetensors'), bytes);
    await useEngine('wasm');
    const model = await loadPoseModelFile(join(folder, 'model.safetensors'));
    expect(model.keypointSet.names).toEqual(NAMES);
    rmSync(folder, { recursive: true, force: true });
    expect(faults).toEqual([]);
    await context.close();
  }, 1_800_000);
}
