/** A bar on the terminal's error stream. */
export interface ProgressBar {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A progress bar with rate and time left; silent when asked to be, or where nobody watches. */
export async function progressBar(what: string, quiet: boolean): Promise<ProgressBar> {
  if (quiet || !process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  // The default export is there in Node and in the bundled command alike; named ones are not.
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const format = `${what} {bar} {percentage}% | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  bar.start(1, 0);
  return {
    update: (done, total) => {
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
