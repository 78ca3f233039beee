import { fileButton, h } from '../dom';
import { camera, demo, type Source } from '../sources';

/** What can be looked at. */
export interface Sources {
  readonly run: (source: Source) => void;
  readonly take: (files: readonly File[]) => void;
}

const FILES = 'image/*,video/*';

/** The first thing in the view, with one button that does something. */
export const welcome = ({ run, take }: Sources): HTMLElement =>
  h(
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
      fileButton('Open photographs or a video', FILES, take),
      h('button', { type: 'button', onclick: () => run(demo) }, 'Play the demo'),
    ),
  );

/** The same, small, while something is shown. */
export const sourceRow = ({ run, take }: Sources): HTMLElement =>
  h(
    'div',
    { class: 'row source' },
    h('button', { type: 'button', onclick: () => run(camera) }, 'Camera'),
    fileButton('Files', FILES, take),
    h('button', { type: 'button', onclick: () => run(demo) }, 'Demo'),
  );
