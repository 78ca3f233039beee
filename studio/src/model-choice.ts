import { entries, onCatalogue, type Entry } from './catalogue';
import { h } from './dom';
import { setting } from './settings';

/** A list of models to choose from; keeps the choice. With `none`, that is a choice too, and the first. */
export function modelChoice(
  {
    name,
    label,
    designs = false,
    otherwise = 0,
    none,
  }: { name: string; label: string; designs?: boolean; otherwise?: number; none?: string },
  onchange: (entry: Entry | undefined) => void,
  signal: AbortSignal,
): {
  readonly element: HTMLElement;
  readonly label: string;
  readonly entry: () => Entry | undefined;
  readonly select: HTMLSelectElement;
} {
  const kept = setting<string>(`model.${name}`, '');
  const choice = h('select', { 'data-choice': name });
  const current = (): Entry | undefined => {
    const all = entries({ designs });
    const chosen = all.find(({ id }) => id === kept.value);
    return chosen ?? (none === undefined ? all[Math.min(otherwise, all.length - 1)] : undefined);
  };
  const fillIn = (): void => {
    const all = entries({ designs });
    const titles = { yours: 'Yours', shipped: 'Shipped', design: 'Designs of the papers, untrained' } as const;
    const groups = (['yours', 'shipped', 'design'] as const).flatMap((from) => {
      const some = all.filter((entry) => entry.from === from);
      if (some.length === 0) return [];
      return [
        h(
          'optgroup',
          { label: titles[from] },
          some.map(({ id, name: text }) => h('option', { value: id }, text)),
        ),
      ];
    });
    const first = none ?? (groups.length > 0 ? undefined : 'No model yet');
    choice.replaceChildren(...(first === undefined ? [] : [h('option', { value: '' }, first)]), ...groups);
    choice.value = current()?.id ?? '';
  };
  fillIn();
  onCatalogue(fillIn, signal);
  choice.addEventListener('change', () => {
    kept.value = choice.value;
    onchange(current());
  });
  const id = `model-${name}`;
  choice.id = id;
  return {
    element: h('div', { class: 'field' }, h('label', { for: id }, label), choice),
    label,
    entry: current,
    select: choice,
  };
}
