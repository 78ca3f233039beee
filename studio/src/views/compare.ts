import type { Keypoints } from 'poseblocks/keypoints';
import { drawPose, trackPoses, type PoseTracker, type TrackedPose } from 'poseblocks/video';
import { personDetector } from '../detector';
import { fileButton, fill, h, takesFiles } from '../dom';
import { isPicture, isVideo } from '../file-kinds';
import { turns } from '../in-turn';
import { modelChoice } from '../model-choice';
import { attempt } from '../notice';
import { openModel, type OpenModel } from '../open-model';
import { camera, demo, photograph, videoFile, type Source } from '../sources';
import type { MakeView } from '../view';

/** One of the two. */
interface Side {
  readonly canvas: HTMLCanvasElement;
  readonly choice: ReturnType<typeof modelChoice>;
  readonly figures: HTMLElement;
  opened?: Promise<OpenModel> | undefined;
  tracker?: PoseTracker | undefined;
  /** Of the network, milliseconds, the last ones. */
  times: number[];
}

/** Two models on the same pictures. */
export const compare: MakeView = (signal) => {
  let stop = new AbortController();
  const inTurn = turns();
  let still: ImageBitmap | undefined;
  const difference = h('section', { class: 'difference', 'aria-label': 'Difference', 'aria-live': 'off' });

  const side = (name: string, label: string, otherwise: number): Side => {
    const made: Side = {
      canvas: h('canvas', { width: 640, height: 360, role: 'img', 'aria-label': `What ${label} finds` }),
      choice: modelChoice({ name, label, designs: true, otherwise }, () => attempt(() => change(made)), signal),
      figures: h('p', { class: 'note' }, 'Not run yet'),
      times: [],
    };
    return made;
  };
  const change = async (which: Side): Promise<void> => {
    await inTurn(async () => {
      const before = which.opened;
      Object.assign(which, { opened: undefined, tracker: undefined, times: [] });
      await before?.then((model) => model.dispose()).catch(() => undefined);
    });
    if (still !== undefined) await both(still, 0);
  };
  const sides = [side('left', 'Model A', 0), side('right', 'Model B', 1)] as const;

  const open = (which: Side): Promise<OpenModel> => {
    const entry = which.choice.entry();
    if (entry === undefined) throw new Error('There is no model to compare.');
    which.opened ??= openModel(entry).catch((error: unknown) => {
      which.opened = undefined;
      throw error;
    });
    return which.opened;
  };

  const estimate = async (which: Side, image: ImageBitmap, time: number, reset: boolean): Promise<TrackedPose[]> => {
    const model = await open(which);
    const detector = await personDetector();
    if (reset) which.tracker = undefined;
    // The untrained find nobody: they are shown what they say all the same.
    const minConfidence = model.entry.kind === 'design' ? 1e-6 : 0.2;
    which.tracker ??= trackPoses(model, {
      ...(detector && { detector }),
      sigmas: model.keypointSet.sigmas,
      minConfidence,
    });
    const people = await which.tracker.update(image, time);
    which.times = [...which.times.slice(-29), model.timing.network];
    const { canvas } = which;
    canvas.parentElement!.dataset['state'] = 'shown';
    const width = Math.max(1, Math.round(canvas.parentElement!.clientWidth * Math.min(2, devicePixelRatio)));
    const height = Math.max(1, Math.round((width * image.height) / image.width));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0, width, height);
    const size = [image.width, image.height] as const;
    if (model.entry.kind !== 'design') drawPose(context, people, { skeleton: model.keypointSet, size });
    const note = model.entry.kind === 'design' ? ' · untrained: its speed only' : '';
    which.figures.textContent = `${people.length} found · network ${median(which.times).toFixed(1)} ms${note}`;
    return people;
  };

  const both = (image: ImageBitmap, time: number, reset = true): Promise<void> =>
    inTurn(() => estimateBoth(image, time, reset));
  const estimateBoth = async (image: ImageBitmap, time: number, reset: boolean): Promise<void> => {
    const [a, b] = [await estimate(sides[0], image, time, reset), await estimate(sides[1], image, time, reset)];
    const [left, right] = [await open(sides[0]), await open(sides[1])];
    const pairs = matched(a, b, left, right);
    const [ta, tb] = sides.map(({ times }) => median(times)) as [number, number];
    const faster = ta < tb ? 'A' : 'B';
    const ratio = Math.max(ta, tb) / Math.max(1e-3, Math.min(ta, tb));
    const distances = new Map<string, number[]>();
    for (const { name, share } of pairs.flatMap(({ keypoints }) => keypoints))
      distances.set(name, [...(distances.get(name) ?? []), share]);
    const every = [...distances.values()].flat();
    fill(
      difference,
      h('h2', {}, 'Difference'),
      h(
        'dl',
        { class: 'stats' },
        h('div', {}, h('dt', {}, 'Faster'), h('dd', { 'data-stat': 'ratio' }, `${faster}, ${ratio.toFixed(2)}×`)),
        h('div', {}, h('dt', {}, 'People in both'), h('dd', { 'data-stat': 'pairs' }, pairs.length)),
        h(
          'div',
          {},
          h('dt', {}, 'Mean distance'),
          h(
            'dd',
            { 'data-stat': 'distance' },
            every.length > 0 ? `${(100 * mean(every)).toFixed(1)} % of a person` : '–',
          ),
        ),
      ),
      every.length > 0
        ? h(
            'table',
            {},
            h('caption', {}, 'Distance by keypoint, in percent of the person’s longer side'),
            h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Keypoint'), h('th', { scope: 'col' }, 'Distance'))),
            h(
              'tbody',
              {},
              [...distances].map(([name, all]) =>
                h('tr', {}, h('td', {}, name.replaceAll('_', ' ')), h('td', {}, (100 * mean(all)).toFixed(1))),
              ),
            ),
          )
        : h('p', { class: 'note' }, 'Nobody was found by both, or one of them is untrained.'),
    );
  };

  const run = (source: Source): void =>
    attempt(async () => {
      stop.abort();
      stop = new AbortController();
      const { signal: until } = stop;
      still?.close();
      still = undefined;
      stopButton.hidden = false;
      try {
        let first = true;
        for await (const { image, time } of source(until)) {
          try {
            await both(image, time, first);
            first = false;
          } finally {
            image.close();
          }
          await new Promise((next) => setTimeout(next));
        }
      } finally {
        if (stop.signal === until) stopButton.hidden = true;
      }
    });
  const take = (files: readonly File[]): void =>
    attempt(async () => {
      const film = files.find(isVideo);
      if (film) return run(videoFile(film));
      const file = files.find(isPicture);
      if (!file) throw new Error('Drop a photograph or a video.');
      stop.abort();
      still?.close();
      still = await photograph(file);
      await both(still, 0);
    });

  const stopButton = h('button', { type: 'button', hidden: true, onclick: () => stop.abort() }, 'Stop');
  const element = h(
    'div',
    { class: 'compare' },
    h('h1', {}, 'Compare two models'),
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', class: 'primary', onclick: () => run(camera) }, 'On the camera'),
      fileButton('On a photograph or a video', 'image/*,video/*', take, { multiple: false }),
      h('button', { type: 'button', onclick: () => run(demo) }, 'On the demo'),
      stopButton,
    ),
    h(
      'div',
      { class: 'two' },
      sides.map(({ choice, canvas, figures }) =>
        h(
          'section',
          { 'aria-label': choice.label },
          choice.element,
          h('div', { class: 'frame', 'data-state': 'waiting' }, canvas, h('p', {}, 'Its skeletons appear here')),
          figures,
        ),
      ),
    ),
    difference,
  );
  fill(
    difference,
    h(
      'p',
      { class: 'note' },
      'Choose two models, then a camera, a photograph or a film. How far their keypoints lie apart, and which model is faster, stands here.',
    ),
  );
  takesFiles(element, take, signal);
  signal.addEventListener('abort', () => {
    stop.abort();
    still?.close();
    for (const which of sides) void which.opened?.then((model) => model.dispose()).catch(() => undefined);
  });
  return { element };
};

/** The people that both found, and how far their keypoints of the same names lie apart, in parts of the person's longer side. */
function matched(
  a: readonly TrackedPose[],
  b: readonly TrackedPose[],
  left: OpenModel,
  right: OpenModel,
): { keypoints: { name: string; share: number }[] }[] {
  if (left.entry.kind === 'design' || right.entry.kind === 'design') return [];
  const common = left.keypointSet.names.flatMap((name, i) => {
    const j = right.keypointSet.names.indexOf(name);
    return j < 0 ? [] : [{ name, i, j }];
  });
  const free = [...b];
  return a.flatMap((person) => {
    const size = Math.max(person.box[2], person.box[3]);
    const distance = (p: Keypoints, i: number, q: Keypoints, j: number): number =>
      Math.hypot(p.xy[2 * i]! - q.xy[2 * j]!, p.xy[2 * i + 1]! - q.xy[2 * j + 1]!) / size;
    const far = (other: TrackedPose): number => mean(common.map(({ i, j }) => distance(person, i, other, j)));
    const [best] = free.sort((p, q) => far(p) - far(q));
    if (best === undefined || common.length === 0 || far(best) > 0.5) return [];
    free.splice(free.indexOf(best), 1);
    return [{ keypoints: common.map(({ name, i, j }) => ({ name, share: distance(person, i, best, j) })) }];
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
