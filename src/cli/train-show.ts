import { formatProgress, progress, type Callback } from '../training';
import { recipeSchedule, type Recipe } from '../recipes';
import type { Terminal } from './command';

/** A line that is updated with each step; none if the error stream is not a terminal. */
export function progressLine(quiet: boolean): Callback[] {
  if (quiet || !process.stderr.isTTY) return [];
  const clear = (): void => void process.stderr.write('\r\x1b[K');
  const show = progress({ show: (state) => process.stderr.write(`\r\x1b[K${formatProgress(state)}`) });
  return [
    {
      ...show,
      onEpoch: async (event) => {
        clear();
        await show.onEpoch?.(event);
      },
      onEnd: clear,
    },
  ];
}

/** A line for each epoch, and one when a run continues. */
export function lines(recipe: Recipe, io: Terminal): Callback {
  const { schedule } = recipeSchedule(recipe);
  const stageOf = (epoch: number): string =>
    'stageAt' in schedule ? `stage ${schedule.stageAt(epoch).stage + 1}, ` : '';
  return {
    onStart: ({ epoch, batch, step }) => {
      if (step > 0) io.print(`continues at epoch ${epoch + 1}, batch ${batch + 1}, after ${step} steps`);
    },
    onEpoch: ({ epoch, epochs, loss, learningRate, metrics, improved }) => {
      const measured = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(3)}`);
      const parts = [`loss ${loss.toPrecision(4)}`, `rate ${learningRate.toExponential(1)}`, ...measured];
      if (improved) parts.push(schedule && 'stageAt' in schedule ? 'best of the stage' : 'best so far');
      io.print(`epoch ${epoch + 1}/${epochs}: ${stageOf(epoch)}${parts.join(', ')}`);
    },
  };
}
