import { fileButton, h, takesFiles } from '../dom';
import { editor, labellingKeys } from '../label/editor';
import { Labelling } from '../label/labelling';
import { labelLists } from '../label/lists';
import { skeletonForm } from '../label/skeleton-form';
import { takeLabelled } from '../label/take-files';
import { trainingPanel } from '../label/training-panel';
import { attempt, say } from '../notice';
import { Project } from '../project';
import type { MakeView } from '../view';

const KEYS =
  'Click: the keypoint, Shift and click: hidden. Drag: move. n, p: next, previous picture. j, k: next, previous keypoint. h: hidden or visible. Delete: remove. Ctrl Z, Ctrl Shift Z: undo, redo. On the picture: arrows move a cross, Enter places.';

/** Name keypoints, click them on pictures, train, try, export. */
export const label: MakeView = async (signal) => {
  const project = await Project.load();
  const labelling: Labelling = new Labelling(project, signal, () => refresh());
  const { canvas, draw } = editor(labelling);
  const lists = labelLists(labelling);
  const skeleton = skeletonForm(project, () => refresh());
  const training = await trainingPanel(project, signal);
  const refresh = (): void => {
    draw();
    element.dataset['state'] = project.pictures.length === 0 ? 'empty' : 'labelling';
    lists.refresh();
  };
  const take = (files: readonly File[]): void =>
    attempt(async () => {
      const taken = await takeLabelled(project, files, skeleton.take);
      labelling.picture ??= project.pictures[0];
      await labelling.open();
      say(taken);
    });
  const begin = (): void =>
    attempt(async () => {
      await project.begin();
      dispatchEvent(new HashChangeEvent('hashchange')); // the view anew
    });

  const keys = h('details', {}, h('summary', {}, 'Keys'), h('p', { id: 'label-keys', class: 'note' }, KEYS));
  const anew = h('button', { type: 'button', onclick: begin }, 'Forget keypoints, pictures and labels');
  const element = h(
    'div',
    { class: 'label', 'data-state': 'empty' },
    h('h1', {}, 'Label and train'),
    h(
      'p',
      { class: 'lead' },
      'Name your keypoints, click them on some pictures, train in this page, and try the result on your camera. Everything is kept in this browser.',
    ),
    h(
      'div',
      { class: 'columns' },
      h(
        'section',
        { 'aria-label': 'Keypoints and pictures', class: 'panel' },
        h('h2', {}, '1. Keypoints'),
        skeleton.elements,
      ),
      h(
        'section',
        { 'aria-label': 'Labelling', class: 'work' },
        h('h2', {}, '2. Pictures'),
        h(
          'div',
          { class: 'drop' },
          h('p', {}, 'Drop pictures here, and COCO JSON if they are labelled already'),
          fileButton('Open pictures or COCO JSON', 'image/*,.json', take, { class: 'primary' }),
        ),
        lists.summary,
        lists.pictures,
        h('div', { class: 'canvas' }, canvas),
        lists.people,
        lists.keypoints,
        keys,
      ),
      h(
        'section',
        { 'aria-label': 'Training', class: 'panel' },
        training,
        h('details', {}, h('summary', {}, 'Begin anew'), anew),
      ),
    ),
  );
  labellingKeys(labelling, refresh, signal);
  addEventListener('resize', draw, { signal });
  takesFiles(element, take, signal);
  refresh();
  attempt(() => labelling.open());
  return { element };
};
