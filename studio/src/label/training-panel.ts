import { curvesSvg } from 'poseblocks/visualize';
import { field, fill, h } from '../dom';
import { modelChoice } from '../model-choice';
import { attempt } from '../notice';
import type { Project } from '../project';
import { setting } from '../settings';
import type { Sample } from '../train';
import { keptCurves, keepCurves } from './curves';
import { exportRow } from './export-row';
import { sampleCanvas } from './sample-canvas';

/** Trains on what is labelled: settings, the curves live, and what can be taken along. */
export async function trainingPanel(project: Project, signal: AbortSignal): Promise<HTMLElement[]> {
  const inputSide = setting<string>('train.side', '96');
  const epochs = setting<string>('train.epochs', '40');
  const { losses, scores } = await keptCurves();
  let running: AbortController | undefined;
  const curve = h('div', { class: 'curves' });
  const samples = h('div', { class: 'samples', role: 'group', 'aria-label': 'Heatmaps of held-out people' });
  const progress = h('p', { class: 'note', role: 'status', 'data-stat': 'training' }, 'Not trained yet');
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Training' });
  const from = modelChoice(
    { name: 'train', label: 'Begin from', none: 'Nothing (a small new network)' },
    () => attempt(tellGoOn),
    signal,
  );
  const total = (): number => Math.max(1, Number(epochs.value));
  const heldOut = (): string => (scores.length > 0 ? `, held-out PCK@0.1 ${scores.at(-1)!.toFixed(2)}` : '');

  const drawCurves = (): void => {
    if (losses.length === 0) return fill(curve);
    const size = [380, 220] as const;
    const named = { title: 'Loss', xLabel: 'step', yScale: 'log', smoothing: 0.8, size } as const;
    const loss = curvesSvg([{ name: 'loss', y: losses }], named);
    const held = { title: 'PCK@0.1 of held-out people', xLabel: 'epoch', yRange: [0, 1], size } as const;
    const pck = scores.length > 0 ? curvesSvg([{ name: 'PCK@0.1, held out', y: scores }], held) : '';
    curve.innerHTML = loss + pck;
  };

  /** Redrawn at most once a second: drawing takes time from training. */
  let drawn = 0;
  const onStep = ({ loss, step, epoch }: { loss: number; step: number; epoch: number }): void => {
    losses.push(loss);
    bar.value = (epoch + 0.5) / total();
    progress.textContent = `Epoch ${epoch + 1} of ${total()}, step ${step + 1}, loss ${loss.toExponential(2)}${heldOut()}`;
    if (performance.now() - drawn < 1000) return;
    drawn = performance.now();
    drawCurves();
  };
  const onEpoch = async (event: { epoch: number; pck: number; samples: readonly Sample[] }): Promise<void> => {
    scores.push(event.pck);
    bar.value = (event.epoch + 1) / total();
    drawCurves();
    fill(samples, event.samples.map(sampleCanvas));
    await keepCurves({ losses, scores });
  };

  const run = (resume: boolean): void =>
    attempt(async () => {
      running = new AbortController();
      const { signal: until } = running;
      signal.addEventListener('abort', () => running?.abort());
      stopButton.hidden = false;
      goOnButton.hidden = trainButton.disabled = true;
      delete progress.dataset['pck'];
      try {
        progress.textContent = 'Starting …';
        const { train } = await import('../train');
        const { pck } = await train({
          project,
          from: from.entry(),
          epochs: total(),
          inputSide: Number(inputSide.value),
          signal: until,
          resume,
          onStart: ({ training, heldOut: held, step, epoch }) => {
            // What came after the state that the run goes on from comes again.
            losses.length = Math.min(losses.length, step);
            scores.length = Math.min(scores.length, epoch);
            progress.textContent = `${training} people to train on, ${held} held out`;
          },
          onStep,
          onEpoch,
        });
        progress.textContent = `${until.aborted ? 'Stopped' : 'Done'}: held-out PCK@0.1 ${pck.toFixed(3)}`;
        progress.dataset['pck'] = String(pck);
      } finally {
        running = undefined;
        stopButton.hidden = true;
        trainButton.disabled = false;
        await keepCurves({ losses, scores });
        drawCurves();
        offerExports();
        await tellGoOn();
      }
    });
  const tellGoOn = async (): Promise<void> => {
    const { canGoOn } = await import('../train');
    const can = await canGoOn({ project, from: from.entry(), inputSide: Number(inputSide.value) });
    goOnButton.hidden = running !== undefined || !can;
  };

  const stopButton = h('button', { type: 'button', hidden: true, onclick: () => running?.abort() }, 'Stop');
  const goOnButton = h('button', { type: 'button', hidden: true, onclick: () => run(true) }, 'Go on');
  const trainButton = h('button', { type: 'button', class: 'primary', onclick: () => run(false) }, 'Train');
  const { element: exports, offer: offerExports } = exportRow(project);
  const numberField = (kept: { value: string }, name: string, attributes: object): HTMLElement => {
    const input = h('input', { type: 'number', value: kept.value, ...attributes });
    input.addEventListener('change', () => {
      kept.value = input.value;
      attempt(tellGoOn);
    });
    return field(name, input);
  };
  drawCurves();
  attempt(tellGoOn);
  return [
    h('h2', {}, '3. Train'),
    from.element,
    numberField(epochs, 'Epochs', { min: 1, max: 1000 }),
    numberField(inputSide, 'Side of the input, pixels', { min: 64, max: 256, step: 32 }),
    h('div', { class: 'row' }, trainButton, stopButton, goOnButton),
    bar,
    progress,
    curve,
    samples,
    h('h2', {}, '4. Take it with you'),
    exports,
  ];
}
