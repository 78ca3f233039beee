import * as tf from '@tensorflow/tfjs-core';
import {
  drawHeatmap,
  drawPose,
  trackPoses,
  type PersonDetector,
  type PoseTracker,
  type TrackedPose,
} from 'poseblocks/video';
import { addModel, detectorUrl, entries, type Entry } from '../catalogue';
import { detection, personDetector } from '../detector';
import { checkbox, download, field, fileButton, fill, h, takesFiles } from '../dom';
import { modelChoice } from '../model-choice';
import { attempt, say, sayError } from '../notice';
import { openModel, type OpenModel } from '../open-model';
import { camera, demo, isModel, isPicture, isVideo, photograph, videoFile, type Source } from '../sources';
import type { MakeView } from '../view';

/** Camera, photographs and films, with what the network sees in them. */
export const see: MakeView = (signal) => {
  const show = { skeleton: true, boxes: true, names: false, smooth: true, detect: true };
  let heatmap: number | 'all' | undefined;
  let opened: Promise<OpenModel> | undefined;
  let stop = new AbortController();
  let pictures: { name: string; image: ImageBitmap; people: TrackedPose[] }[] = [];
  /** The people of the last pictures, to be saved. */
  let found: readonly { readonly name: string; readonly people: readonly TrackedPose[] }[] = [];
  let again: (() => void) | undefined;

  const canvas = h('canvas', {
    width: 960,
    height: 720,
    role: 'img',
    'aria-label': 'The picture with the people that were found',
  });
  const context = canvas.getContext('2d')!;
  const stages = h('div', { class: 'stages', role: 'group', 'aria-label': 'Outputs of each stage' });
  const strip = h('div', { class: 'strip' });
  const stats = h('dl', { class: 'stats' });

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
    await model?.then((each) => each.dispose()).catch(() => undefined);
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

  const draw = (image: ImageBitmap, people: readonly TrackedPose[], model: OpenModel): void => {
    const size = [image.width, image.height] as const;
    // As sharp as the display, at most as large as it is shown.
    const density = Math.min(2, devicePixelRatio);
    const width = Math.max(1, Math.round(Math.min(canvas.parentElement!.clientWidth, 1280) * density));
    const height = Math.max(1, Math.round((width * size[1]) / size[0]));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.drawImage(image, 0, 0, width, height);
    if (heatmap !== undefined) {
      const last = model.stages.at(-1) ?? [];
      for (const map of last) drawHeatmap(context, map, { keypoint: heatmap, box: map.region, size });
    }
    const drawn = people.map((person) => (show.boxes ? person : withoutBox(person)));
    if (show.skeleton)
      drawPose(context, drawn, {
        skeleton: model.keypointSet,
        size,
        keypointNames: show.names,
        colors: people.length > 1 ? 'person' : 'side',
      });
    drawStages(image, model);
    canvas.setAttribute('aria-label', `${people.length} ${people.length === 1 ? 'person' : 'people'} found`);
  };

  const drawStages = (image: ImageBitmap, model: OpenModel): void => {
    const all = heatmap !== undefined && model.stages.length > 1 ? model.stages : [];
    while (stages.children.length > all.length) stages.lastChild!.remove();
    all.forEach((maps, i) => {
      const [map] = maps;
      if (map === undefined) return;
      const figure =
        (stages.children[i] as HTMLElement | undefined) ??
        stages.appendChild(
          h('figure', {}, h('canvas', { width: 192, height: 256 }), h('figcaption', {}, `Stage ${i + 1}`)),
        );
      const small = figure.querySelector('canvas')!;
      small.height = Math.round((small.width * map.region[3]) / map.region[2]);
      const pen = small.getContext('2d')!;
      pen.fillStyle = '#000';
      pen.fillRect(0, 0, small.width, small.height);
      const [x, y, w, h_] = map.region;
      pen.drawImage(image, x, y, w, h_, 0, 0, small.width, small.height);
      drawHeatmap(pen, map, { keypoint: heatmap ?? 'all', box: map.region, view: map.region });
    });
  };

  const state = { frames: 0, dropped: 0, since: 0, fps: 0, people: 0 };
  const report = (model?: OpenModel): void => {
    const ms = (value: number | undefined): string =>
      value === undefined || value === 0 ? '–' : `${value.toFixed(1)} ms`;
    const { fps, people, frames, dropped } = state;
    const counted = (value: number): string => (model ? String(value) : '–');
    const rows: [string, string, string][] = [
      ['fps', 'Pictures a second', fps > 0 ? fps.toFixed(1) : '–'],
      ['people', 'People', counted(people)],
      ['network', 'Network', ms(model?.timing.network)],
      ['crop', 'Crop', ms(model?.timing.crop)],
      ['decode', 'Decode', ms(model?.timing.decode)],
      ['detector', 'Detector, last run', ms(detection.ms)],
      ['frames', 'Pictures', counted(frames)],
      ['dropped', 'Passed over', counted(dropped)],
      ['tensors', 'Tensors', counted(model ? tf.memory().numTensors : 0)],
    ];
    if (stats.children.length === 0) {
      fill(
        stats,
        rows.map(([key, label]) => h('div', {}, h('dt', {}, label), h('dd', { 'data-stat': key }))),
      );
    }
    rows.forEach(([, , value], i) => (stats.children[i]!.lastElementChild!.textContent = value));
  };

  const run = (source: Source): void =>
    attempt(async () => {
      stop.abort();
      stop = new AbortController();
      const { signal: until } = stop;
      begin('live');
      try {
        await modelFor(source === demo);
        const model = await open();
        Object.assign(state, { frames: 0, dropped: 0, since: performance.now(), fps: 0 });
        let follow = await tracker(model);
        again = () => attempt(async () => (follow = await tracker(await open())));
        for await (const { image, time, dropped } of source(until)) {
          try {
            const current = await open();
            current.keep = heatmap !== undefined;
            const people = await follow.update(image, time);
            if (until.aborted) break;
            state.frames++;
            state.dropped += dropped;
            state.people = people.length;
            const seconds = (performance.now() - state.since) / 1000;
            if (seconds > 1) state.fps = state.frames / seconds;
            draw(image, people, current);
            found = [{ name: `picture ${state.frames}`, people }];
            report(current);
          } finally {
            image.close();
          }
          await new Promise((next) => setTimeout(next)); // the page stays responsive
        }
      } finally {
        if (stop.signal === until) end();
      }
    });

  const look = (files: readonly File[]): void =>
    attempt(async () => {
      stop.abort();
      stop = new AbortController();
      begin('still');
      await modelFor(false);
      for (const file of files) {
        const image = await photograph(file);
        pictures.push({ name: file.name, image, people: [] });
        await analyse(pictures.length - 1);
      }
      again = () => attempt(() => Promise.all(pictures.map((_, i) => analyse(i))));
    });
  const analyse = async (index: number): Promise<void> => {
    const picture = pictures[index]!;
    const model = await open();
    model.keep = true;
    const follow = await tracker(model);
    picture.people = await follow.update(picture.image, 0);
    state.people = picture.people.length;
    state.frames = pictures.length;
    draw(picture.image, picture.people, model);
    found = pictures;
    report(model);
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
        const entry = await addModel(
          file.name.replace(/\.\w+$/, ''),
          /onnx$/i.test(file.name) ? 'onnx' : 'safetensors',
          new Uint8Array(await file.arrayBuffer()),
        );
        choice.select.value = entry.id;
        choice.select.dispatchEvent(new Event('change'));
        say(`${file.name} is chosen.`);
      });
    }
    const film = files.find(isVideo);
    const photographs = files.filter(isPicture);
    if (film) run(videoFile(film));
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
  };
  /** The keypoints of the pictures shown, by name, in pixels of the picture. */
  const save = (): void =>
    attempt(async () => {
      const { keypointSet, entry } = await open();
      if (found.length === 0)
        throw new Error('There are no keypoints to save yet. Open photographs, or start the camera.');
      const saved = found.map(({ name, people }) => ({
        name,
        people: people.map(({ id, box, confidence, xy, score }) => ({
          id,
          box,
          confidence,
          keypoints: Object.fromEntries(keypointSet.names.map((key, k) => [key, [xy[2 * k], xy[2 * k + 1], score[k]]])),
        })),
      }));
      download('keypoints.json', JSON.stringify({ model: entry.name, pictures: saved }, null, 1));
    });
  const end = (): void => {
    stopButton.hidden = true;
    stage.dataset['state'] = 'waiting';
    again = undefined;
  };

  const names = h('select', { 'data-choice': 'heatmap' });
  names.addEventListener('change', () => {
    heatmap = names.value === '' ? undefined : names.value === 'all' ? 'all' : Number(names.value);
    if (stage.dataset['state'] === 'still') again?.();
  });
  const fillNames = (): void =>
    attempt(async () => {
      if (opened === undefined) return;
      const { keypointSet } = await opened;
      const before = names.value;
      fill(
        names,
        h('option', { value: '' }, 'None'),
        h('option', { value: 'all' }, 'All keypoints'),
        keypointSet.names.map((name, k) => h('option', { value: k }, name.replaceAll('_', ' '))),
      );
      names.value = before;
    });
  fill(names, h('option', { value: '' }, 'None'), h('option', { value: 'all' }, 'All keypoints'));

  const choose = (_: Entry | undefined): void =>
    attempt(async () => {
      forDemo = undefined;
      await close();
      if (stage.dataset['state'] !== 'waiting') {
        await open();
        again?.();
      }
      fillNames();
    });
  const choice = modelChoice({ name: 'see', label: 'Model' }, choose, signal);
  const toggle = (key: keyof typeof show, label: string, anew = false): HTMLElement =>
    checkbox(label, show[key], (on) => {
      show[key] = on;
      if (anew || stage.dataset['state'] === 'still') again?.();
    });

  const stopButton = h('button', { type: 'button', class: 'stop', hidden: true, onclick: () => stop.abort() }, 'Stop');
  const welcome = h(
    'div',
    { class: 'welcome' },
    h('h1', {}, 'See what a pose network sees'),
    h(
      'p',
      {},
      'Skeletons, confidences and heatmaps on your camera, photographs or films. Nothing leaves this machine.',
    ),
    h('button', { type: 'button', class: 'primary', onclick: () => run(camera) }, 'Start the camera'),
    h('p', { class: 'or' }, 'or drop or paste photographs or a video here'),
    h(
      'div',
      { class: 'row' },
      fileButton('Open photographs or a video', 'image/*,video/*', take),
      h('button', { type: 'button', onclick: () => run(demo) }, 'Play the demo'),
    ),
  );
  const stage = h(
    'section',
    { class: 'stage', 'data-state': 'waiting', 'aria-label': 'Picture' },
    welcome,
    canvas,
    stopButton,
  );
  takesFiles(stage, take, signal);

  const sourceRow = h(
    'div',
    { class: 'row source' },
    h('button', { type: 'button', onclick: () => run(camera) }, 'Camera'),
    fileButton('Files', 'image/*,video/*', take),
    h('button', { type: 'button', onclick: () => run(demo) }, 'Demo'),
  );
  const panel = h(
    'aside',
    { class: 'panel', 'aria-label': 'Settings and figures' },
    choice.element,
    sourceRow,
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
    field('Heatmap', names),
    h('h2', {}, 'Figures'),
    stats,
    h('div', { class: 'row' }, h('button', { type: 'button', onclick: save }, 'Save keypoints as JSON')),
    h('h2', {}, 'Who came and left'),
    events,
  );
  report();
  signal.addEventListener('abort', () => {
    stop.abort();
    for (const { image } of pictures) image.close();
    void close();
  });
  const watch = setInterval(fillNames, 1000);
  signal.addEventListener('abort', () => clearInterval(watch));
  return { element: h('div', { class: 'split' }, h('div', {}, stage, stages, strip), panel) };
};

function withoutBox({ frame, xy, score, id, ...rest }: TrackedPose): {
  frame: 'image';
  xy: Float32Array;
  score: Float32Array;
  id: number;
} {
  void rest;
  return { frame, xy, score, id };
}
