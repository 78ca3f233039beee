import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticWalk } from 'poseblocks/datasets';
import { LSP } from 'poseblocks/keypoints';
import { expect, it } from 'vitest';
import { hasFfmpeg } from '../../support/ffmpeg';
import { chooseModel, downloaded, fileInput, pngFile, shoot, type Studio } from '../../support/studio-page';

/** What See saves. */
export interface SavedKeypoints {
  readonly model: string;
  readonly pictures: readonly {
    readonly name: string;
    /** Seconds, of a film's picture. */
    readonly time?: number;
    readonly people: readonly {
      readonly id: number;
      readonly box: readonly [number, number, number, number];
      readonly keypoints: Readonly<Record<string, readonly [x: number, y: number, score: number]>>;
    }[];
  }[];
}

/** Of the film. */
const SECONDS = 3;

export function seeTests(studio: () => Studio): void {
  it('follows the drawn walkers of the demo, and keeps no tensor', async () => {
    const { page, context, faults, stat } = await studio().open();
    await page.getByRole('button', { name: 'Play the demo' }).click();
    const frames = (count: number) => page.waitForFunction((n) => Number(document.querySelector('[data-stat="frames"]')?.textContent ?? 0) >= n, count, { timeout: 120_000 }); // prettier-ignore
    await frames(12);
    expect(await page.locator('select[data-choice="see"] option:checked').textContent()).toBe('synthetic-small');
    const [people, tensors] = [await stat('people'), await stat('tensors')];
    expect(people).toBeGreaterThanOrEqual(1);
    await frames(40);
    expect(await stat('tensors')).toBe(tensors);
    await shoot(page, 'see-demo');
    // Another model while it plays.
    const seen = await stat('frames');
    for (const name of ['lpn-small-leeds', 'lpn-50-leeds', 'synthetic-small']) {
      await chooseModel(page, 'see', name);
      await page.waitForTimeout(300);
    }
    await frames(seen + 10);
    expect(await page.locator('.notices .error').count()).toBe(0);
    expect(await stat('tensors')).toBe(tensors);
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(faults).toEqual([]);
    await context.close();
  }, 900_000);

  it('finds people in photographs, shows a heatmap, and saves the keypoints', async () => {
    const { page, context, faults } = await studio().open();
    await chooseModel(page, 'see', 'synthetic-small');
    const { at } = syntheticWalk({ seed: 7, imageSize: [320, 240], noise: 0 });
    const scenes = [at(0.5), at(2)];
    const files = await Promise.all(scenes.map(({ image }, i) => pngFile(`walker-${i}.png`, image)));
    await fileInput(page, 'Open photographs or a video').setInputFiles(files);
    await expect.poll(() => page.locator('.thumbnail').count(), { timeout: 120_000 }).toBe(2);
    const keypoints = page.locator('select[data-choice="heatmap"]');
    await expect.poll(() => keypoints.locator('option', { hasText: 'left wrist' }).count()).toBe(1);
    await keypoints.selectOption({ label: 'left wrist' });
    const chosen = keypoints.locator('option:checked');
    // Another model has it at another place, or not at all.
    await chooseModel(page, 'see', 'lpn-small-leeds');
    await expect.poll(() => keypoints.locator('option', { hasText: 'nose' }).count()).toBe(0);
    expect([await chosen.textContent(), await chosen.getAttribute('value')]).toEqual(['left wrist', `${LSP.names.indexOf('left_wrist')}`]); // prettier-ignore
    await chooseModel(page, 'see', 'synthetic-small');
    await expect.poll(() => keypoints.locator('option', { hasText: 'nose' }).count()).toBe(1);
    await keypoints.selectOption({ label: 'nose' });
    await chooseModel(page, 'see', 'lpn-small-leeds');
    await expect.poll(() => chosen.textContent()).toBe('None');
    await chooseModel(page, 'see', 'synthetic-small');
    await expect.poll(() => keypoints.locator('option', { hasText: 'nose' }).count()).toBe(1);
    expect(await page.locator('.notices .error').count()).toBe(0);
    const save = page.getByRole('button', { name: 'Save keypoints as JSON' });
    const { model, pictures } = JSON.parse((await downloaded(page, save)).toString()) as SavedKeypoints;
    expect([model, pictures.map(({ name }) => name)]).toEqual(['synthetic-small', ['walker-0.png', 'walker-1.png']]);
    pictures.forEach(({ people }, i) => {
      const { bbox, keypoints: truth } = scenes[i]!.annotations[0]!;
      const apart = Object.values(people[0]!.keypoints).flatMap(([x, y], k) =>
        truth[3 * k + 2]! > 0 ? [Math.hypot(x - truth[3 * k]!, y - truth[3 * k + 1]!) / bbox[3]!] : [],
      );
      expect(apart.reduce((sum, value) => sum + value, 0) / apart.length).toBeLessThan(0.1);
    });
    expect(faults).toEqual([]);
    await context.close();
  }, 300_000);

  it.skipIf(!hasFfmpeg)(
    'plays a film to its end, follows who is in it, and saves the keypoints of its pictures',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'poseblocks-film-'));
      const { at } = syntheticWalk({ seed: 7, imageSize: [320, 240], noise: 0 });
      const pixels = Array.from({ length: 15 * SECONDS }, (_, i) => at(i / 15).image.data);
      const film = join(folder, 'walk.webm');
      const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '320x240', '-r', '15', '-i', '-'];
      execFileSync('ffmpeg', ['-v', 'error', ...raw, '-c:v', 'libvpx', '-b:v', '1M', film], { input: Buffer.concat(pixels) }); // prettier-ignore
      const { page, context, faults, stat } = await studio().open();
      await chooseModel(page, 'see', 'synthetic-small');
      await fileInput(page, 'Open photographs or a video').setInputFiles(film);
      const playAgain = page.getByRole('button', { name: 'Play again' });
      await playAgain.waitFor({ timeout: 300_000 });
      expect([await stat('people'), await page.locator('.stage canvas').isVisible()]).toEqual([1, true]);
      await shoot(page, 'see-film');
      const save = page.getByRole('button', { name: 'Save keypoints as JSON' });
      const { pictures } = JSON.parse((await downloaded(page, save)).toString()) as SavedKeypoints;
      expect(pictures.length).toBe(await stat('frames'));
      const times = pictures.map(({ time }) => time!);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      expect(times.at(-1)).toBeGreaterThan(SECONDS - 0.1); // its last picture is shown for 1/15 s
      expect([...new Set(pictures.flatMap(({ people }) => people.map(({ id }) => id)))]).toEqual([1]);
      await playAgain.click();
      await expect.poll(() => stat('frames'), { timeout: 60_000 }).toBeLessThan(pictures.length);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Start the camera' }).waitFor();
      expect(faults).toEqual([]);
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
    600_000,
  );
}
