/**
 * Pictures a second of the program of docs/camera.md in headless Chromium with two threads of WebAssembly, before a camera of 30 pictures a second that
 * plays one walker for eight seconds and then two. Appends to bench/results/camera.csv, with the load of the machine, which says how far the figures can be trusted.
 *
 *   HUMAN_MODELS=FOLDER npx tsx bench/video/camera.ts [FILE.safetensors …]     default: all of weights/
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeWalkers } from '../../test/support/camera-film';
import { openCameraPage } from '../../test/support/camera-page';
import { humanModels } from '../../test/support/human-models';
import type { SeenPicture } from '../../test/video/browser/observed';
import { median, record } from '../measure';

if (humanModels === undefined) throw new Error('HUMAN_MODELS must be the folder of movenet-multipose.json.');
const given = process.argv.slice(2);
const shipped = readdirSync('weights').flatMap((name) =>
  name.endsWith('.safetensors') ? [join('weights', name)] : [],
);
const folder = mkdtempSync(join(tmpdir(), 'poseblocks-bench-'));
const film = join(folder, 'walkers.mjpeg');
await writeWalkers(film);
for (const pose of given.length > 0 ? given : shipped) {
  const camera = await openCameraPage(film, { pose, detectors: humanModels });
  try {
    const seen = (await camera.seen(310)).slice(10);
    record(
      'camera',
      [1, 2].map((people) => ({
        model: basename(pose, '.safetensors'),
        people,
        ...speedOf(seen.filter((picture) => picture.people.length === people)),
        load: loadavg()[0]!.toFixed(1),
      })),
    );
  } finally {
    await camera.close();
  }
}
rmSync(folder, { recursive: true });

/** Of the pictures between which the detector ran or not: what a user sees is their mean. */
function speedOf(seen: readonly SeenPicture[]): Record<string, string | number> {
  const took = seen.map((picture) => picture.took);
  const mean = took.reduce((sum, value) => sum + value, 0) / Math.max(1, took.length);
  return {
    pictures: seen.length,
    pictures_per_second: (1000 / mean).toFixed(1),
    median_ms: median(took)?.toFixed(1) ?? '',
    slowest_ms: Math.max(...took).toFixed(0),
    passed_over: seen.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}
