import { formatProgress, progress, type Callback } from '../training';
import { recipeSchedule, type Recipe } from '../recipes';
import type { Terminal } from './command';

/** A line that is written over with each step; none where nobody watches. */
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

/** A line for each epoch, and one where a run goes on. */
export function lines(recipe: Recipe, io: Terminal): Callback {
  const { schedule } = recipeSchedule(recipe);
  const stageOf = (epoch: number): string =>
    'stageAt' in schedule ? `stage ${schedule.stageAt(epoch).stage + 1}, ` : '';
  return {
    onStart: ({ epoch, batch, step }) => {
      if (step > 0) io.print(`goes on at epoch ${epoch + 1}, batch ${batch + 1}, after ${step} steps`);
    },
    onEpoch: ({ epoch, epochs, loss, learningRate, metrics, improved }) => {
      const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(3)}`);
      const parts = [`loss ${loss.toPrecision(4)}`, `rate ${learningRate.toExponential(1)}`, ...figures];
      if (improved) parts.push(schedule && 'stageAt' in schedule ? 'best of the stage' : 'best so far');
      io.print(`epoch ${epoch + 1}/${epochs}: ${stageOf(epoch)}${parts.join(', ')}`);
    },
  };
}
