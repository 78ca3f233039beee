import { AP10K, COCO, FACE_68, flipPairsOf, HAND_21, LSP, MPII, type KeypointSet } from 'poseblocks/keypoints';
import { field, h, select } from '../dom';
import { attempt } from '../notice';
import type { Project } from '../project';

const KNOWN: readonly KeypointSet[] = [COCO, MPII, LSP, HAND_21, FACE_68, AP10K];

/** Names of the keypoints and their limbs, typed or taken from a known set. `changed` is called after each change. */
export function skeletonForm(
  project: Project,
  changed: () => void,
): { readonly elements: HTMLElement[]; readonly take: (set: KeypointSet) => Promise<void> } {
  const placeholder = (what: string, lines: string): string => `One ${what} a line, for example\n${lines}`;
  const names = h('textarea', { rows: 8, spellcheck: 'false', placeholder: placeholder('name', 'head\nleft_hand\nright_hand') }); // prettier-ignore
  const edges = h('textarea', { rows: 4, spellcheck: 'false', placeholder: placeholder('limb', 'head left_hand') });
  const title = h('input', { type: 'text' });
  const pairs = h('p', { class: 'note' });

  const show = (): void => {
    const { plan } = project;
    names.value = plan.names.join('\n');
    edges.value = plan.edges.map((edge) => edge.join(' ')).join('\n');
    title.value = plan.name;
    const mirrored = plan.flipPairs.map(([a, b]) => `${a} ↔ ${b}`).join(', ');
    pairs.textContent =
      mirrored === ''
        ? 'No pairs of left and right. Names with left and right make some.'
        : `Exchanged in a mirror: ${mirrored}`;
  };
  const set = async (plan: Project['plan']): Promise<void> => {
    const before = project.plan.names;
    await project.setPlan(plan);
    if (before.join() !== plan.names.join()) await followNames(project, before, plan.names);
    show();
    changed();
  };
  const read = (): void =>
    attempt(async () => {
      const typed = [...new Set(lines(names.value).map((name) => name.replaceAll(/\s+/g, '_')))];
      const limbs = lines(edges.value)
        .map((line) => line.split(/\s+/) as [string, string])
        .filter(([a, b]) => typed.includes(a) && typed.includes(b) && a !== b);
      const flipPairs = flipPairsOf(typed).map(([a, b]): [string, string] => [a, b]);
      await set({ name: title.value.trim() || 'my keypoints', names: typed, edges: limbs, flipPairs });
    });
  const take = async ({ name, names: known, edges: limbs, flipPairs }: KeypointSet): Promise<void> => {
    const named = (all: readonly (readonly [number, number])[]): [string, string][] =>
      all.map(([a, b]) => [known[a]!, known[b]!]);
    await set({ name, names: [...known], edges: named(limbs), flipPairs: named(flipPairs) });
  };

  for (const control of [names, edges, title]) control.addEventListener('change', read);
  const choice = select<string>(
    [['', 'Take a known set …'], ...KNOWN.map(({ name }) => [name, name] as [string, string])],
    '',
    (name) => {
      const known = KNOWN.find((each) => each.name === name);
      if (known) attempt(() => take(known));
      choice.value = '';
    },
  );
  choice.setAttribute('aria-label', 'Known keypoint sets');
  show();
  return {
    elements: [field('Name', title), choice, field('Keypoints', names), field('Limbs', edges), pairs],
    take,
  };
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Labels follow their keypoint's name. */
async function followNames(project: Project, before: readonly string[], after: readonly string[]): Promise<void> {
  const from = after.map((name) => before.indexOf(name));
  for (const picture of project.pictures) {
    if (picture.people.length === 0) continue;
    const people = picture.people.map((person) => ({
      ...person,
      xy: from.flatMap((k) => (k < 0 ? [0, 0] : [person.xy[2 * k]!, person.xy[2 * k + 1]!])),
      score: from.map((k) => (k < 0 ? 0 : person.score[k]!)),
    }));
    await project.label(picture, people);
  }
}
