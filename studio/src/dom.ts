import { isModel } from './file-kinds';

type Child = Node | string | number | false | null | undefined;
type Handlers = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
type Properties = Handlers & { [name: string]: unknown };

/** An element with attributes, handlers (`onclick`) and children; false, null and undefined are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false || value === null) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value as EventListener);
    else if (key === 'value') (element as HTMLInputElement).value = String(value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(
    ...children
      .flat()
      .filter((child): child is Node | string | number => child !== false && child != null)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return element;
}

/** Puts children in place of what an element held. */
export function fill(element: Element, ...children: readonly (Child | readonly Child[])[]): void {
  element.replaceChildren(...h('div', {}, ...children).childNodes);
}

let serial = 0;
/** A label with its control under or beside it. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  control.id ||= `field-${++serial}`;
  const note = hint === undefined ? undefined : h('small', { id: `${control.id}-hint` }, hint);
  if (note) control.setAttribute('aria-describedby', note.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, note);
}

export function checkbox(label: string, checked: boolean, onchange: (on: boolean) => void): HTMLElement {
  const input = h('input', { type: 'checkbox', checked, onchange: () => onchange(input.checked) });
  return h('label', { class: 'check' }, input, label);
}

export function select<T extends string>(
  options: readonly (readonly [value: T, label: string])[],
  value: T,
  onchange: (value: T) => void,
): HTMLSelectElement {
  const element = h(
    'select',
    { onchange: () => onchange(element.value as T) },
    options.map(([each, label]) => h('option', { value: each, selected: each === value }, label)),
  );
  element.value = value;
  return element;
}

/** A button that opens the file dialog. */
export function fileButton(
  label: string,
  accept: string,
  onfiles: (files: File[]) => void,
  { class: name = '', multiple = true }: { class?: string; multiple?: boolean } = {},
): HTMLElement {
  const input = h('input', {
    type: 'file',
    accept,
    multiple,
    class: 'visually-hidden',
    tabindex: -1,
    'aria-label': label,
  });
  input.addEventListener('change', () => {
    onfiles([...(input.files ?? [])]);
    input.value = '';
  });
  return h(
    'span',
    { class: 'file' },
    input,
    h('button', { type: 'button', class: name, onclick: () => input.click() }, label),
  );
}

/**
 * Takes files that are dropped on an element or pasted into the page while it is shown. Models are taken anywhere in the page (`main.ts`): an element gets
 * them only where it does something else with them.
 */
export function takesFiles(
  element: HTMLElement,
  onfiles: (files: File[]) => void,
  signal: AbortSignal,
  { models = false } = {},
): void {
  const options = { signal };
  element.addEventListener('dragover', (event) => (event.preventDefault(), element.classList.add('over')), options);
  element.addEventListener('dragleave', () => element.classList.remove('over'), options);
  element.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      element.classList.remove('over');
      if (models) event.stopPropagation();
      const files = [...(event.dataTransfer?.files ?? [])].filter((file) => models || !isModel(file));
      if (files.length > 0) onfiles(files);
    },
    options,
  );
  document.addEventListener(
    'paste',
    (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) onfiles(files);
    },
    options,
  );
}

/** Offers bytes as a download. */
export function download(name: string, data: Uint8Array | string): void {
  const url = URL.createObjectURL(new Blob([data as BlobPart]));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Markup that this library wrote (its SVG and tables are escaped where they are made). */
export function markup(html: string, name = 'figure'): HTMLElement {
  const element = h('div', { class: name });
  element.innerHTML = html;
  return element;
}
