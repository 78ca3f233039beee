import { syntheticWalk } from 'poseblocks/datasets';
import { frames } from 'poseblocks/video';

/** A picture to be looked at, which whoever takes it closes. */
export interface Picture {
  readonly image: ImageBitmap;
  /** Seconds. */
  readonly time: number;
  /** Pictures of the source that were passed over since the last. */
  readonly dropped: number;
}

/** Pictures one after the other; whoever takes one closes its image. */
export type Source = (signal: AbortSignal) => AsyncGenerator<Picture, void, void>;

export const camera: Source = async function* (signal) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  video.srcObject = stream;
  try {
    yield* playing(video, signal);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
};

/** A film, played once. */
export const videoFile = (file: File): Source =>
  async function* (signal) {
    const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
    video.src = URL.createObjectURL(file);
    try {
      yield* playing(video, signal);
    } finally {
      video.pause();
      URL.revokeObjectURL(video.src);
    }
  };

async function* playing(video: HTMLVideoElement, signal: AbortSignal): AsyncGenerator<Picture, void, void> {
  const failed = new Promise<never>((_, fail) =>
    video.addEventListener('error', () =>
      fail(new Error('The browser cannot play this video. Try MP4 (H.264) or WebM.')),
    ),
  );
  await Promise.race([video.play(), failed]);
  for await (const { image, time, dropped } of frames(video, { signal })) {
    // A copy: the video goes on while the network looks.
    yield { image: await createImageBitmap(image), time, dropped };
  }
}

/** Two synthetic people who walk, drawn here: for those who have no camera, and for tests. */
export const demo: Source = async function* (signal) {
  const walk = syntheticWalk({ seed: 3, imageSize: [480, 360], walkers: [{}, { from: 4 }], noise: 2 });
  const begun = performance.now();
  while (!signal.aborted) {
    const time = (performance.now() - begun) / 1000;
    const { image } = walk.at(time);
    const pixels = new ImageData(image.width, image.height);
    for (let i = 0, j = 0; i < image.data.length; i += 3, j += 4) {
      pixels.data[j] = image.data[i]!;
      pixels.data[j + 1] = image.data[i + 1]!;
      pixels.data[j + 2] = image.data[i + 2]!;
      pixels.data[j + 3] = 255;
    }
    yield { image: await createImageBitmap(pixels), time, dropped: 0 };
    await new Promise((next) => requestAnimationFrame(next));
  }
};

/** A photograph, upright. */
export async function photograph(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(
      `${file instanceof File ? file.name : 'The file'} is no picture that this browser reads. Try JPEG, PNG or WebP.`,
    );
  }
}
