import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { syntheticWalk, type RgbImage } from 'poseblocks/datasets';

/**
 * Writes a film that Chromium plays as a camera, 30 pictures a second (`--use-file-for-fake-video-capture`, which begins it again at its end): JPEG
 * pictures one after the other, which is what motion JPEG is.
 *
 * @param order which picture comes when, each any number of times. Default: each once.
 */
export async function writeFilm(path: string, pictures: Iterable<RgbImage>, order?: Iterable<number>): Promise<void> {
  const parts: Buffer[] = [];
  for (const { width, height, data } of pictures) {
    parts.push(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 88, chromaSubsampling: '4:2:0' })
        .toBuffer(),
    );
  }
  await writeFile(path, Buffer.concat(order ? Array.from(order, (i) => parts[i]!) : parts));
}

/** Chromium with the film as its camera, which no page has to ask for. */
export const cameraFlags = (film: string): string[] => [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${film}`,
];

/** Seconds of walking in a second of film: a machine that is busy with other things, at one picture a second, must still tell the two apart. */
const PACE = 0.5;
/** Pictures a second that are drawn; each is shown twice. */
const DRAWN = 15;
/** When the second walker comes, and when both turn round in time: seconds. */
const [SECOND, TURN] = [8, 18] as const;

/**
 * A film of one walker for eight seconds, then of two: the left one in the left half of the picture, the other in the right one. After eighteen seconds
 * both walk backwards and forwards again, without a jump, so that a slow machine too sees as many pictures as it needs.
 */
export async function writeWalkers(
  path: string,
  { seconds = 500, imageSize = [320, 240] as const } = {},
): Promise<void> {
  const { at } = syntheticWalk({ seed: 3, imageSize, walkers: [{}, { from: PACE * SECOND }] });
  const [two, all] = [SECOND * DRAWN, TURN * DRAWN];
  function* pictures() {
    for (let i = 0; i < all; i++) yield at((PACE * i) / DRAWN).image;
  }
  function* order() {
    for (let shown = 0; shown < 30 * seconds; shown++) {
      const i = shown >> 1;
      const swing = (i - two) % (2 * (all - two - 1));
      yield i < all ? i : two + Math.min(swing, 2 * (all - two - 1) - swing);
    }
  }
  await writeFilm(path, pictures(), order());
}
