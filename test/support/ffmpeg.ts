import { spawnSync } from 'node:child_process';

/** Whether the program ffmpeg is here. */
export const hasFfmpeg: boolean = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;
