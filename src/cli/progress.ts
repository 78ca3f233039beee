/** A bar on the terminal's error stream. */
export interface ProgressBar {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A progress bar with the remaining time; silent on request, or where the error stream is not a terminal. */
export async function progressBar(what: string, quiet: boolean): Promise<ProgressBar> {
  if (quiet || !process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  // The default export exists in Node and in the bundled command; named exports do not.
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
