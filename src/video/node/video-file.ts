import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { RgbImage } from '../../datasets';

/** Options of {@link videoFile}. */
export interface VideoFileOptions {
  /** Pictures per second, evenly spaced. @defaultValue the file's rate */
  readonly fps?: number;
  /** Longer side of the pictures in pixels. Smaller is faster. @defaultValue the file's size */
  readonly longest?: number;
  /** Path of ffmpeg. @defaultValue 'ffmpeg' */
  readonly ffmpeg?: string;
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/** A picture of a video file. */
export interface VideoFilePicture {
  readonly image: RgbImage;
  /** Seconds into the video. */
  readonly time: number;
}

/** Maximum pixels of a picture, beyond 8K; bounds the memory that a broken stream can ask for. */
const MOST_PIXELS = 64e6;

/**
 * All pictures of a video file in order, decoded by the program ffmpeg as fast as they are consumed: it waits
 * for a slower loop.
 *
 * @param path path of a file in any format that ffmpeg reads.
 * @throws Error with the install command where ffmpeg is not installed, or with ffmpeg's message when it cannot read the file.
 * @example
 * for await (const { image, time } of videoFile('walk.mp4')) {
 *   console.log(time, await tracker.update(image, time));
 * }
 */
export async function* videoFile(
  path: string,
  { fps, longest, ffmpeg = 'ffmpeg', signal }: VideoFileOptions = {},
): AsyncGenerator<VideoFilePicture, void, void> {
  if (fps !== undefined && !(fps > 0 && fps <= 1000)) {
    throw new RangeError(`videoFile: fps must be above 0, at most 1000. Received: ${fps}.`);
  }
  if (longest !== undefined && !(Number.isInteger(longest) && longest >= 16)) {
    throw new RangeError(`videoFile: longest must be a whole number of pixels, at least 16. Received: ${longest}.`);
  }
  await stat(path).catch((cause: unknown) => {
    throw new Error(`videoFile: the file must exist. Received: ${path}.`, { cause });
  });
  const filters = [
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(longest === undefined ? [] : [`scale=${longest}:${longest}:force_original_aspect_ratio=decrease`]),
    'showinfo', // reports the time of each picture
  ];
  const input = ['-hide_banner', '-nostdin', '-nostats', '-i', `file:${path}`];
  const output = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const child = spawn(ffmpeg, [...input, '-vf', filters.join(','), ...output], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);

  const times: number[] = [];
  let [said, wake] = ['', (): void => {}];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000);
    const lines = said.split(/[\r\n]+/);
    said = lines.pop()!;
    for (const line of lines) {
      const [, time] = /^\[Parsed_showinfo.*pts_time:\s*([-\d.]+)/.exec(line) ?? [];
      if (time !== undefined) times.push(Number(time));
      else if (!line.startsWith('[Parsed_showinfo')) complaint = line.trim() || complaint;
    }
    wake();
  });
  let complaint = '';
  let failure: Error | undefined;
  const closed = new Promise<number | null>((done) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      failure =
        cause.code === 'ENOENT'
          ? new Error(
              `videoFile: video files are read by the program ffmpeg, which must be installed. Received: no '${ffmpeg}'. Install it: apt-get install ffmpeg, brew install ffmpeg, or winget install ffmpeg.`,
              { cause },
            )
          : cause;
      done(null);
    });
    child.on('close', (code) => done(code));
  });
  void closed.then(() => wake());

  let count = 0;
  try {
    for await (const image of portablePixmaps(child.stdout)) {
      if (signal?.aborted) return;
      while (times.length <= count && child.exitCode === null) await new Promise<void>((done) => (wake = done));
      const time = times[count] ?? (times.at(-1) ?? 0) + 1 / (fps ?? 30);
      count++;
      yield { image, time };
    }
    const code = await closed;
    if (failure) throw failure;
    if (code !== 0 && signal?.aborted !== true) {
      throw new Error(
        `videoFile: ${path} must be a video that ffmpeg reads. Received: ${complaint || `exit code ${code}`}.`,
      );
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** The pictures in a stream of consecutive binary PPM files. */
async function* portablePixmaps(stream: AsyncIterable<Buffer>): AsyncGenerator<RgbImage, void, void> {
  let chunks: Buffer[] = [];
  let length = 0;
  let header: { width: number; height: number; size: number; from: number } | undefined;
  const joined = (): Buffer => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
    chunks = [all];
    return all;
  };
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    for (;;) {
      header ??= length >= 9 ? readHeader(joined().subarray(0, 64)) : undefined;
      if (header === undefined || length < header.from + header.size) break;
      const all = joined();
      const { width, height, from, size } = header;
      yield { width, height, data: Uint8Array.from(all.subarray(from, from + size)) };
      chunks = [all.subarray(from + size)];
      length -= from + size;
      header = undefined;
    }
  }
}

function readHeader(start: Buffer): { width: number; height: number; size: number; from: number } | undefined {
  const found = /^P6\s(\d{1,6})\s(\d{1,6})\s255\s/.exec(start.toString('latin1'));
  if (found === null) {
    if (start.length < 24) return undefined;
    throw new Error(`videoFile: ffmpeg must write PPM. Received: ${JSON.stringify(start.toString('latin1', 0, 16))}.`);
  }
  const [width, height] = [Number(found[1]), Number(found[2])];
  if (width * height > MOST_PIXELS) {
    throw new RangeError(
      `videoFile: pictures must have at most ${MOST_PIXELS} pixels. Received: ${width} × ${height}.`,
    );
  }
  return { width, height, size: 3 * width * height, from: found[0].length };
}
