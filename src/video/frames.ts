/** A picture of a video at the moment when it is shown. */
export interface VideoPicture {
  /** The video itself, which shows this picture until the next. Take it before you wait for anything else. */
  readonly image: HTMLVideoElement;
  /** Seconds into the video, or since the camera began. */
  readonly time: number;
  /** Pictures that were shown since the last one given here, and passed over because that one took longer. */
  readonly dropped: number;
}

export interface FramesOptions {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * The pictures of a camera or a film as they are shown. A loop that is slower than the video gets the newest picture each time:
 * late ones are dropped and never queued, so that nothing lags behind however slow the machine is.
 *
 * Stands on `requestVideoFrameCallback`; where a browser has none, on `requestAnimationFrame`. Ends with the video, or when
 * the signal aborts. A paused video waits.
 *
 * @throws TypeError when it is given no video.
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
  /** The newest picture that nobody has taken, and who waits for one. */
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
    while (!over && signal?.aborted !== true) {
      if (newest === undefined) {
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

/** Calls for each picture that is shown, with its time and how many there have been; gives what ends that. */
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
