import './style.css';
import { loadCatalogue } from './catalogue';
import { fill, h, select } from './dom';
import { chooseEngine, engineChoice, onEngine } from './engine';
import { isModel } from './file-kinds';
import { attempt, say } from './notice';
import { setting } from './settings';
import type { MakeView } from './view';

const VIEWS: Readonly<Record<string, { readonly title: string; readonly load: () => Promise<MakeView> }>> = {
  see: { title: 'See', load: async () => (await import('./views/see')).see },
  models: { title: 'Models', load: async () => (await import('./views/models')).models },
  compare: { title: 'Compare', load: async () => (await import('./views/compare')).compare },
  label: { title: 'Label and train', load: async () => (await import('./views/label')).label },
  evaluate: { title: 'Evaluate', load: async () => (await import('./views/evaluate')).evaluate },
};

const main = h('main', { id: 'main', tabindex: -1 });
const tabs = Object.entries(VIEWS).map(([name, { title }]) => h('a', { href: `#${name}`, 'data-view': name }, title));

const theme = setting<'auto' | 'light' | 'dark'>('theme', 'auto');
function applyTheme(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
}
applyTheme();

const themeChoice = select(
  [
    ['auto', 'Theme: system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ],
  theme.value,
  (value) => {
    theme.value = value;
    applyTheme();
  },
);
themeChoice.setAttribute('aria-label', 'Theme');
const engineSelect = select(
  [
    ['wasm', 'WebAssembly'],
    ['webgpu', 'WebGPU'],
    ['webgl', 'WebGL'],
    ['auto', 'Best engine'],
  ],
  engineChoice.value as 'wasm',
  (value) => chooseEngine(value),
);
engineSelect.setAttribute('aria-label', 'Engine');
const engineText = h('span', { class: 'engine', 'data-stat': 'engine' }, 'engine not started');
onEngine((description) => {
  if (description === undefined) return;
  const { name, threads } = description;
  fill(engineText, `${name === 'wasm' ? 'WebAssembly' : name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
  engineText.title = `${description.device}; ${description.reason}`;
});

document.body.prepend(
  h(
    'a',
    { class: 'skip', href: '#main', onclick: (event) => (event.preventDefault(), main.focus()) },
    'Skip to the content',
  ),
  h(
    'header',
    {},
    h(
      'a',
      { class: 'brand', href: '#see' },
      h('img', { src: './icon.svg', alt: '', width: 28, height: 28 }),
      'poseblocks studio',
    ),
    h('nav', { 'aria-label': 'Views' }, tabs),
    h('div', { class: 'tools' }, engineText, engineSelect, themeChoice),
  ),
  main,
  h('footer', {}, 'Everything runs in this page: no picture, label or model leaves this machine.'),
);

let leave = new AbortController();
async function show(): Promise<void> {
  const name = location.hash.slice(1).split('?')[0]!;
  const key = Object.hasOwn(VIEWS, name) ? name : 'see';
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  for (const tab of tabs) {
    if (tab.dataset['view'] === key) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  const { title, load } = VIEWS[key]!;
  document.title = `${title} · poseblocks studio`;
  const make = await load();
  if (signal.aborted) return;
  const view = await make(signal);
  if (signal.aborted) return;
  fill(main, view.element);
  main.dataset['view'] = key;
}

addEventListener('hashchange', () => attempt(show));
// Models may be dropped anywhere.
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  for (const file of [...(event.dataTransfer?.files ?? [])].filter(isModel)) {
    attempt(async () => {
      const { addModelFile } = await import('./model-file');
      await addModelFile(file);
      say(`${file.name} is in Models now.`);
    });
  }
});
attempt(async () => {
  await loadCatalogue();
  await show();
});
