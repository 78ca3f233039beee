import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeWalkers } from '../support/camera-film';
import { openCameraPage, type CameraPage } from '../support/camera-page';
import { noChromium } from '../support/chromium';
import { describeWhere } from '../support/describe-where';
import { humanModels, noHumanModels } from '../support/human-models';

// The weights that were trained on drawn people, as the walkers of the film are.
describeWhere('the page of docs/camera.md before a camera, in headless Chromium', noChromium ?? noHumanModels, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-camera-'));
  let camera: CameraPage;

  beforeAll(async () => {
    const film = join(folder, 'walkers.mjpeg');
    await writeWalkers(film);
    camera = await openCameraPage(film, { pose: 'weights/synthetic-small.safetensors', detectors: humanModels! });
  }, 600_000);
  afterAll(async () => {
    await camera?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('follows one walker and then two for 300 pictures, with constant ids, memory and tensors, and never a queue', async () => {
    await camera.seen(30);
    const early = await camera.memory();
    const seen = (await camera.seen(300)).slice(0, 300);
    const late = await camera.memory();

    // Ids: 1 walks in the left half, 2 in the right half, and nobody else.
    const whoAt = (i: number): string => seen[i]!.people.map(({ id }) => id).join();
    const second = seen.findIndex(({ people }) => people.length === 2);
    expect([...new Set(seen.map((_, i) => whoAt(i)))].filter((ids) => !['', '1', '2', '1,2'].includes(ids))).toEqual(
      [],
    );
    expect(second).toBeGreaterThan(2);
    const share = (from: number, to: number, ids: string): number => {
      const part = seen.slice(from, to);
      return part.filter((_, i) => whoAt(from + i) === ids).length / part.length;
    };
    expect(share(0, second, '1')).toBeGreaterThan(0.95);
    expect(share(second, 300, '1,2')).toBeGreaterThan(0.95);
    for (const { people } of seen) {
      for (const { id, box } of people) {
        const [x, , width, height] = box as [number, number, number, number];
        expect(x + width / 2 < 160 ? 1 : 2).toBe(id);
        expect(height).toBeGreaterThan(100); // pixels, of people 150 to 190 high
      }
    }

    // Memory: the first detector run and both ways to a box are behind it at picture 10.
    expect(seen[299]!.tensors).toBe(seen[10]!.tensors);
    expect(late.wasm).toBe(early.wasm);
    expect(late.objects - early.objects).toBeLessThan(2e6);

    // A queue of what came meanwhile would be seconds old after a few pictures.
    expect(Math.max(...seen.map(({ behind }) => behind))).toBeLessThan(1);
    expect(seen.every(({ time }, i) => i === 0 || time > seen[i - 1]!.time)).toBe(true);
    const [first, last] = [seen[1]!, seen[299]!];
    const passed = seen.slice(2).reduce((sum, { dropped }) => sum + dropped + 1, 0);
    expect(Math.abs(passed / (30 * (last.time - first.time)) - 1)).toBeLessThan(0.1);
    expect(camera.faults).toEqual([]);
  }, 900_000);
});
