import { trackPoses, type PersonDetector, type PoseTracker, type TrackedPose } from 'poseblocks/video';
import { detectorUrl, entries, type Entry } from '../catalogue';
import { personDetector } from '../detector';
import { checkbox, download, field, fill, h, takesFiles } from '../dom';
import { isModel, isPicture, isVideo } from '../file-kinds';
import { turns } from '../in-turn';
import { addModelFile } from '../model-file';
import { modelChoice } from '../model-choice';
import { attempt, say, sayError } from '../notice';
import { openModel, type OpenModel } from '../open-model';
import { drawPicture } from '../see/draw-picture';
import { figureList } from '../see/figures';
import { heatmapChoice } from '../see/heatmap-choice';
import { keypointsJson, type FoundPicture } from '../see/keypoints-json';
import { sourceRow, welcome } from '../see/source-buttons';
import { stageRow } from '../see/stages';
import { demo, photograph, videoFile, type Source } from '../sources';
import type { MakeView } from '../view';

/** Camera, photographs and films, with what the network sees in them. */
export const see: MakeView = (signal) => {
  const show = { skeleton: true, boxes: true, names: false, smooth: true, detect: true };
  let opened: Promise<OpenModel> | undefined;
  const inTurn = turns();
  let stop = new AbortController();
  let pictures: { name: string; image: ImageBitmap; people: TrackedPose[] }[] = [];
  /** The people of the last pictures, to be saved. */
  let found: readonly FoundPicture[] = [];
  let again: (() => void) | undefined;
  let playAgain: (() => void) | undefined;

  const canvas = h('canvas', {
    width: 960,
    height: 720,
    role: 'img',
    'aria-label': 'The picture with the people that were found',
  });
  const stages = stageRow();
  const strip = h('div', { class: 'strip' });

  /** The demo's people are drawn: the shipped model that was trained on such follows them, unless the user has brought one. */
  let forDemo: Entry | undefined;
  const modelFor = async (isDemo: boolean): Promise<void> => {
    const drawn = entries().find(({ id }) => id.endsWith('synthetic-small.safetensors'));
    const wanted = isDemo && choice.entry()?.from === 'shipped' ? drawn : undefined;
    if (wanted === forDemo) return;
    forDemo = wanted;
    choice.select.value = (wanted ?? choice.entry())?.id ?? '';
    await close();
    if (wanted) say(`These people are drawn: ${wanted.name} follows them, which was trained on such.`);
  };
  const open = (): Promise<OpenModel> => {
    const entry = forDemo ?? choice.entry();
    if (entry === undefined)
      throw new Error(
        'There is no model yet. Drop a .safetensors or .onnx file into the page, or train one in Label and train.',
      );
    opened ??= openModel(entry).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const close = async (): Promise<void> => {
    const model = opened;
    opened = undefined;
    await inTurn(async () => model?.then((each) => each.dispose()).catch(() => undefined));
  };

  const tracker = async (model: OpenModel): Promise<PoseTracker> => {
    const detector: PersonDetector | undefined = show.detect ? await personDetector() : undefined;
    const { sigmas } = model.keypointSet;
    return trackPoses(model, {
      ...(detector && { detector }),
      smoothing: show.smooth ? {} : false,
      sigmas,
      onEntered: ({ id }) => log(`Person ${id} came.`),
      onLost: ({ id }) => log(`Person ${id} left.`),
    });
  };
  const events = h('ol', { class: 'events', 'aria-label': 'Who came and left' });
  const log = (text: string): void => {
    events.prepend(h('li', {}, text));
    while (events.children.length > 6) events.lastChild!.remove();
  };

  const heatmaps = heatmapChoice(() => {
    if (stage.dataset['state'] === 'still') again?.();
  });
  const draw = (image: ImageBitmap, people: readonly TrackedPose[], model: OpenModel): void => {
    heatmaps.follow(model);
    const heatmap = heatmaps.chosen();
    drawPicture(canvas, image, people, model, { ...show, heatmap });
    stages.draw(image, heatmap === undefined ? [] : model.stages, heatmap ?? 'all');
  };

  const state = { frames: 0, dropped: 0, since: 0, fps: 0, people: 0 };
  const { element: stats, report } = figureList();

  const run = (source: Source, film?: File): void =>
    attempt(async () => {
      stop.abort();
      stop = new AbortController();
      const { signal: until } = stop;
      begin('live');
      let ended = false;
      const seen: FoundPicture[] = [];
      try {
        await modelFor(source === demo);
        let model = await open();
        Object.assign(state, { frames: 0, dropped: 0, since: performance.now(), fps: 0 });
        let follow: PoseTracker | undefined;
        again = () => (follow = undefined);
        const look = async (image: ImageBitmap, time: number): Promise<TrackedPose[]> => {
          const before = model;
          model = await open();
          if (model !== before) follow = undefined;
          model.keep = heatmaps.chosen() !== undefined;
          follow ??= await tracker(model);
          return follow.update(image, time);
        };
        for await (const { image, time, dropped } of source(until)) {
          try {
            const people = await inTurn(() => look(image, time));
            if (until.aborted) break;
            state.frames++;
            state.dropped += dropped;
            state.people = people.length;
            const seconds = (performance.now() - state.since) / 1000;
            if (seconds > 1) state.fps = state.frames / seconds;
            draw(image, people, model);
            if (film) seen.push({ name: film.name, time, people });
            found = film ? seen : [{ name: `picture ${state.frames}`, people }];
            report(state, model);
          } finally {
            image.close();
          }
          await new Promise((next) => setTimeout(next)); // the page stays responsive
        }
        ended = film !== undefined && !until.aborted;
        if (ended) playAgain = () => run(source, film);
      } finally {
        if (stop.signal === until) end(ended ? 'ended' : 'waiting');
      }
    });

  const look = (files: readonly File[]): void =>
    attempt(async () => {
      stop.abort();
      stop = new AbortController();
      const { signal: until } = stop;
      begin('still');
      await modelFor(false);
      for (const file of files) {
        const image = await photograph(file);
        if (until.aborted) return image.close(); // others have been opened meanwhile
        pictures.push({ name: file.name, image, people: [] });
        await analyse(pictures.length - 1);
      }
      again = () => attempt(() => Promise.all(pictures.map((_, i) => analyse(i))));
    });
  const analyse = async (index: number): Promise<void> => {
    const picture = pictures[index]!;
    const [model, people] = await inTurn(async () => {
      const model = await open();
      model.keep = true;
      const follow = await tracker(model);
      return [model, await follow.update(picture.image, 0)] as const;
    });
    picture.people = people;
    state.people = picture.people.length;
    state.frames = pictures.length;
    draw(picture.image, picture.people, model);
    found = pictures;
    report(state, model);
    const thumbnail = h('canvas', { width: 96, height: 72 });
    const pen = thumbnail.getContext('2d')!;
    pen.drawImage(canvas, 0, 0, 96, 72);
    const button = h(
      'button',
      {
        type: 'button',
        class: 'thumbnail',
        'aria-label': `Show ${picture.name}`,
        onclick: () => attempt(() => analyse(index)),
      },
      thumbnail,
    );
    if (strip.children[index]) strip.children[index].replaceWith(button);
    else strip.append(button);
  };

  const take = (files: readonly File[]): void => {
    for (const file of files.filter(isModel)) {
      attempt(async () => {
        choice.select.value = (await addModelFile(file)).id;
        choice.select.dispatchEvent(new Event('change'));
        say(`${file.name} is chosen.`);
      });
    }
    const film = files.find(isVideo);
    const photographs = files.filter(isPicture);
    if (film) run(videoFile(film), film);
    else if (photographs.length > 0) look(photographs);
    else if (!files.some(isModel)) sayError(new Error('Drop photographs, a video, or a model (.safetensors, .onnx).'));
  };

  // What the view looks like: waiting, live, or with pictures.
  const begin = (kind: 'live' | 'still'): void => {
    for (const { image } of pictures) image.close();
    pictures = [];
    fill(strip);
    fill(events);
    found = [];
    stage.dataset['state'] = kind;
    stopButton.hidden = kind !== 'live';
    againButton.hidden = true;
  };
  const save = (): void =>
    attempt(async () => {
      const { keypointSet, entry } = await open();
      if (found.length === 0)
        throw new Error('There are no keypoints to save yet. Open photographs, or start the camera.');
      download('keypoints.json', keypointsJson(entry.name, keypointSet, found));
    });
  /** A film's last picture stays. */
  const end = (how: 'waiting' | 'ended'): void => {
    stopButton.hidden = true;
    againButton.hidden = how !== 'ended';
    stage.dataset['state'] = how;
    again = undefined;
  };

  const choose = (_: Entry | undefined): void =>
    attempt(async () => {
      forDemo = undefined;
      await close();
      if (stage.dataset['state'] !== 'waiting') {
        await open();
        again?.();
      }
    });
  const choice = modelChoice({ name: 'see', label: 'Model' }, choose, signal);
  const toggle = (key: keyof typeof show, label: string, anew = false): HTMLElement =>
    checkbox(label, show[key], (on) => {
      show[key] = on;
      if (anew || stage.dataset['state'] === 'still') again?.();
    });

  const stopButton = h('button', { type: 'button', class: 'stop', hidden: true, onclick: () => stop.abort() }, 'Stop');
  const againButton = h('button', { type: 'button', class: 'stop', hidden: true, onclick: () => playAgain?.() }, 'Play again'); // prettier-ignore
  const sources = { run, take };
  const stage = h(
    'section',
    { class: 'stage', 'data-state': 'waiting', 'aria-label': 'Picture' },
    welcome(sources),
    canvas,
    stopButton,
    againButton,
  );
  takesFiles(stage, take, signal, { models: true });

  const panel = h(
    'aside',
    { class: 'panel', 'aria-label': 'Settings and figures' },
    choice.element,
    sourceRow(sources),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Show'),
      toggle('skeleton', 'Skeleton'),
      toggle('boxes', 'Boxes, ids, confidence'),
      toggle('names', 'Names of keypoints'),
    ),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Follow'),
      toggle('smooth', 'Smooth', true),
      detectorUrl() === undefined ? null : toggle('detect', 'Find several people (detector)', true),
    ),
    field('Heatmap', heatmaps.element),
    h('h2', {}, 'Figures'),
    stats,
    h('div', { class: 'row' }, h('button', { type: 'button', onclick: save }, 'Save keypoints as JSON')),
    h('h2', {}, 'Who came and left'),
    events,
  );
  report(state);
  signal.addEventListener('abort', () => {
    stop.abort();
    for (const { image } of pictures) image.close();
    void close();
  });
  return { element: h('div', { class: 'split' }, h('div', {}, stage, stages.element, strip), panel) };
};
