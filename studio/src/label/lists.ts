import { PALETTE } from 'poseblocks/visualize';
import { fill, h } from '../dom';
import { attempt } from '../notice';
import { isLabelled } from '../project';
import type { Labelling } from './labelling';

/** What can be chosen while labelling: pictures, people in the picture, keypoints; and how far it is. */
export function labelLists(labelling: Labelling): {
  readonly summary: HTMLElement;
  readonly pictures: HTMLElement;
  readonly people: HTMLElement;
  readonly keypoints: HTMLElement;
  readonly refresh: () => void;
} {
  const { project } = labelling;
  const summary = h('p', { class: 'note', 'aria-live': 'polite', 'data-stat': 'labelled' });
  const pictures = h('ol', { class: 'thumbnails', 'aria-label': 'Pictures' });
  const people = h('div', { class: 'row people' });
  const keypoints = h('ol', { class: 'keypoints', 'aria-label': 'Keypoints' });
  const button = (attributes: object, ...children: Parameters<typeof fill>[1][]): HTMLElement =>
    h('button', { type: 'button', ...attributes }, ...children);
  const pressed = (on: boolean): object => ({ 'aria-pressed': on ? 'true' : 'false' });

  const keypointItem = (name: string, k: number): HTMLElement => {
    const score = labelling.current.score[k] ?? 0;
    const color = h('i', { style: `background:${PALETTE[k % PALETTE.length]}`, class: score === 1 ? 'hollow' : '' });
    const state = h('small', {}, ['', 'hidden', 'visible'][score]);
    const attributes = { ...pressed(k === labelling.keypoint), onclick: () => labelling.select({ keypoint: k }) };
    return h('li', {}, button(attributes, color, name.replaceAll('_', ' '), state));
  };
  const personButton = (i: number): HTMLElement =>
    button({ ...pressed(i === labelling.person), onclick: () => labelling.select({ person: i }) }, `Person ${i + 1}`);
  const peopleButtons = (): HTMLElement[] => {
    const { picture } = labelling;
    if (picture === undefined) return [];
    const { length } = picture.people;
    const add = button({ onclick: () => labelling.select({ person: length, keypoint: 0 }) }, 'Add person');
    return [
      ...Array.from({ length: Math.max(1, length) }, (_, i) => personButton(i)),
      ...(length > 0 ? [add] : []),
      button({ onclick: () => attempt(() => labelling.remove()) }, 'Remove picture'),
    ];
  };
  const refresh = (): void => {
    fill(keypoints, project.plan.names.map(keypointItem));
    fill(people, peopleButtons());
    summary.textContent = `${project.labelled} of ${project.pictures.length} pictures labelled`;
    fill(
      pictures,
      project.pictures.map((picture, i) => {
        const done = picture.people.some(isLabelled);
        const attributes = {
          class: done ? 'done' : '',
          'aria-current': picture === labelling.picture ? 'true' : undefined,
          'aria-label': `${i + 1}: ${picture.name}${done ? ', labelled' : ''}`,
          onclick: () => attempt(() => labelling.choose(picture)),
        };
        return h('li', {}, button(attributes, i + 1));
      }),
    );
  };
  return { summary, pictures, people, keypoints, refresh };
}
