/** A picture of a video at the time when it is shown. */
export interface VideoPicture {
  /** The video, which shows this picture until the next one. Read it before you await anything else. */
  readonly image: HTMLVideoElement;
  /** Seconds into the video, or since the camera started. */
  readonly time: number;
  /** Pictures that were shown and skipped since the previous iteration, because it took longer. */
  readonly dropped: number;
}

/** Options of {@link frames}. */
export interface FramesOptions {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * The pictures of a camera or a video as they are shown. A loop that is slower than the video gets the newest picture each time:
 * late pictures are dropped, never queued, so a slow machine does not fall behind.
 *
 * Uses `requestVideoFrameCallback` or, in browsers without it, `requestAnimationFrame`. Ends with the video, or when
 * the signal aborts. A paused video waits.
 *
 * @throws TypeError when the argument is not a video.
 * @example
 * for await (const { image, time } of frames(video, { signal })) {
 *   const people = await tracker.update(image, time);
 * }
 */
export async function* frames(
  video: HTMLVideoElement,
  { signal }: FramesOptions = {},
): AsyncGenerator<VideoPicture, void, void> {
  if (typeof video?.addEventListener !== 'function' || !('videoWidth' in video)) {
    throw new TypeError(`frames: video must be a <video> element. Received: ${String(video)}.`);
  }
  /** The newest picture not yet taken, and the waiting receiver. */
  let newest: { time: number; shown: number } | undefined;
  let wake: (() => void) | undefined;
  let over = false;
  let taken = 0;
  const show = (time: number, shown: number): void => {
    newest = { time, shown };
    wake?.();
  };
  const end = (): void => {
    over = true;
    wake?.();
  };
  const stop = eachPicture(video, show);
  video.addEventListener('ended', end);
  signal?.addEventListener('abort', end);
  try {
    while (signal?.aborted !== true) {
      if (newest === undefined) {
        if (over) break; // after its last picture, which a slow loop has not taken yet
        await new Promise<void>((done) => (wake = done));
        wake = undefined;
        continue;
      }
      const { time, shown } = newest;
      newest = undefined;
      const dropped = taken === 0 ? 0 : Math.max(0, shown - taken - 1);
      taken = shown;
      yield { image: video, time, dropped };
    }
  } finally {
    stop();
    video.removeEventListener('ended', end);
    signal?.removeEventListener('abort', end);
  }
}

/** Calls for each picture that is shown, with its time and count; returns a function that stops this. */
function eachPicture(video: HTMLVideoElement, show: (time: number, shown: number) => void): () => void {
  let handle: number;
  if ('requestVideoFrameCallback' in video) {
    const next = (): void => {
      handle = video.requestVideoFrameCallback((_, { mediaTime, presentedFrames }) => {
        next();
        show(mediaTime, presentedFrames);
      });
    };
    next();
    return () => video.cancelVideoFrameCallback(handle);
  }
  const other = video as HTMLVideoElement;
  let [last, shown] = [NaN, 0];
  const tick = (): void => {
    handle = requestAnimationFrame(tick);
    if (other.readyState < 2 || other.currentTime === last) return;
    last = other.currentTime;
    show(last, ++shown);
  };
  tick();
  return () => cancelAnimationFrame(handle);
}
