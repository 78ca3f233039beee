import { spawn } from 'node:child_process';

/** What a video's header says; undefined where it says nothing. */
export interface VideoInfo {
  readonly seconds?: number;
  /** Pictures per second. */
  readonly fps?: number;
}

/**
 * The duration and rate of a video, as ffmpeg prints them. Empty where ffmpeg is missing or cannot read the file, which `videoFile` reports.
 *
 * @param ffmpeg path of the program.
 * @example const { seconds = 0, fps = 30 } = await videoInfo('walk.mp4');
 */
export async function videoInfo(path: string, ffmpeg: string = 'ffmpeg'): Promise<VideoInfo> {
  const child = spawn(ffmpeg, ['-hide_banner', '-nostdin', '-i', `file:${path}`], { stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 100_000)));
  await new Promise<void>((done) => child.on('error', () => done()).on('close', () => done()));
  return readVideoInfo(said);
}

/** Duration and rate of the first video stream in what `ffmpeg -i` prints. */
function readVideoInfo(said: string): VideoInfo {
  const [, hours, minutes, rest] = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(said) ?? [];
  const [, fps] = /Stream #.*Video:.*?([\d.]+) fps/.exec(said) ?? [];
  const seconds = rest === undefined ? 0 : 3600 * Number(hours) + 60 * Number(minutes) + Number(rest);
  return { ...(seconds > 0 && { seconds }), ...(Number(fps) > 0 && { fps: Number(fps) }) };
}
