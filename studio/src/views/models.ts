import { walk } from 'poseblocks/graph';
import { onnxMetadata } from 'poseblocks/interop';
import { activationMemory, countMacs, countParams, countTrainableParams } from 'poseblocks/metrics';
import { loadPoseModel, type PoseModel } from 'poseblocks/models';
import { entries, onCatalogue, removeModel, type Entry } from '../catalogue';
import { download, fileButton, fill, h, markup, takesFiles } from '../dom';
import { engine } from '../engine';
import { isModel } from '../file-kinds';
import { addModelFile } from '../model-file';
import { count, networkSvg, stagesOf } from '../network-drawing';
import { attempt, sayError } from '../notice';
import { designOf } from '../open-model';
import { setting } from '../settings';
import type { MakeView } from '../view';

/** The models, and what is inside one. */
export const models: MakeView = (signal) => {
  let chosen: string | undefined;
  const list = h('ul', { class: 'cards', 'aria-label': 'Models' });
  const detail = h('section', { class: 'detail', 'aria-live': 'polite' });

  const take = (files: readonly File[]): void => {
    const wanted = files.filter(isModel);
    if (wanted.length === 0) return sayError(new Error('Models are .safetensors or .onnx files of poseblocks.'));
    attempt(async () => {
      for (const file of wanted) await show(await addModelFile(file));
    });
  };

  const fillIn = (): void => {
    fill(
      list,
      entries({ designs: true }).map((entry) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'card',
              'aria-pressed': entry.id === chosen ? 'true' : 'false',
              onclick: () => attempt(() => show(entry).then(() => detail.scrollIntoView({ block: 'nearest' }))),
            },
            h('strong', {}, entry.name),
            h(
              'span',
              {},
              { yours: 'yours', shipped: 'shipped', design: 'design' }[entry.from],
              entry.kind === 'onnx' ? ' · ONNX' : '',
            ),
          ),
        ),
      ),
    );
  };

  const show = async (entry: Entry): Promise<void> => {
    chosen = entry.id;
    fillIn();
    fill(detail, h('h2', {}, entry.name), h('p', {}, 'Reading …'));
    const bytes = await entry.bytes();
    if (entry.kind === 'onnx') return showOnnx(entry, bytes);
    await engine();
    const model = entry.kind === 'design' ? designOf(entry.id) : await loadPoseModel(bytes);
    try {
      showPose(entry, model, bytes);
    } finally {
      model.network.dispose();
    }
  };

  const actions = (entry: Entry, bytes: Uint8Array): HTMLElement =>
    h(
      'div',
      { class: 'row' },
      entry.from === 'design'
        ? null
        : h('button', { type: 'button', class: 'primary', onclick: () => see(entry) }, 'See it'),
      entry.from === 'design'
        ? null
        : h('button', { type: 'button', onclick: () => download(`${entry.name}.${entry.kind}`, bytes) }, 'Download'),
      entry.from === 'yours'
        ? h(
            'button',
            { type: 'button', onclick: () => attempt(async () => (await removeModel(entry.id), fill(detail))) },
            'Remove',
          )
        : null,
    );
  const see = (entry: Entry): void => {
    setting<string>('model.see', '').value = entry.id;
    location.hash = 'see';
  };

  const showPose = (entry: Entry, model: PoseModel, bytes: Uint8Array): void => {
    const { network, codec, keypointSet, provenance } = model;
    const [total, trainable] = [countParams(network), countTrainableParams(network)];
    const nodes = walk(network).nodes;
    const [plain, nested] = [false, true].map((inside) =>
      Object.entries(provenance).filter(([, value]) => (typeof value === 'object' && value !== null) === inside),
    ) as [[string, unknown][], [string, unknown][]];
    const rows: [string, string][] = [
      ['Keypoints', `${keypointSet.names.length} (${keypointSet.name})`],
      ['Input', `${codec.inputSize.join(' × ')} pixels`],
      ['Layers', String(nodes.length)],
      ['Parameters', `${count(total)}${trainable === total ? '' : ` (${count(trainable)} trained)`}`],
      ['Multiply–adds', count(countMacs(network))],
      ['Activations at once, at most', `${(activationMemory(network).inference / 2 ** 20).toFixed(1)} MiB`],
      ...(bytes.length > 0 ? [['File', `${(bytes.length / 1e6).toFixed(2)} MB`] as [string, string]] : []),
      ...recordRows(Object.fromEntries(plain)),
    ];
    fill(
      detail,
      h('h2', {}, entry.name),
      actions(entry, bytes),
      facts(rows),
      nested.length > 0 ? records(Object.fromEntries(nested)) : null,
      h('h3', {}, 'By stages'),
      h(
        'p',
        { class: 'note' },
        'From left to right: as high as the maps, as wide as there are layers, as dark as there are channels.',
      ),
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Drawing of the network' },
        markup(networkSvg(network, `${entry.name} by stages`)),
      ),
      h(
        'details',
        {},
        h('summary', {}, 'Stages as a table'),
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ['Stage', 'Map', 'Channels', 'Layers', 'Parameters'].map((name) => h('th', { scope: 'col' }, name)),
            ),
          ),
          h(
            'tbody',
            {},
            stagesOf(network).map((stage) =>
              h(
                'tr',
                {},
                h('td', {}, stage.name),
                h('td', {}, `${stage.width} × ${stage.height}`),
                h('td', {}, stage.channels),
                h('td', {}, stage.layers),
                h('td', {}, count(stage.params)),
              ),
            ),
          ),
        ),
      ),
    );
  };

  const showOnnx = (entry: Entry, bytes: Uint8Array): void => {
    const metadata = onnxMetadata(bytes);
    fill(
      detail,
      h('h2', {}, entry.name),
      actions(entry, bytes),
      h(
        'table',
        { class: 'facts' },
        h(
          'tbody',
          {},
          h('tr', {}, h('th', { scope: 'row' }, 'File'), h('td', {}, `${(bytes.length / 1e6).toFixed(2)} MB, ONNX`)),
          Object.entries(metadata).map(([key, value]) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, key),
              h('td', {}, value.length > 200 ? `${value.slice(0, 200)} …` : value),
            ),
          ),
        ),
      ),
    );
  };

  fillIn();
  onCatalogue(fillIn, signal);
  const drop = h(
    'div',
    { class: 'drop' },
    h('p', {}, 'Drop .safetensors pose models or .onnx files here'),
    fileButton('Open a model', '.safetensors,.onnx', take),
  );
  const element = h('div', { class: 'split models' }, h('div', {}, h('h1', {}, 'Models'), drop, list), detail);
  takesFiles(element, take, signal, { models: true });
  fill(detail, h('p', { class: 'note' }, 'Choose a model to see its layers, parameters, multiply–adds and memory.'));
  const [first] = entries({ designs: true });
  if (first) attempt(() => show(first));
  return { element };
};

const facts = (rows: readonly (readonly [name: string, value: string])[]): HTMLElement =>
  h(
    'table',
    { class: 'facts' },
    h(
      'tbody',
      {},
      rows.map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value))),
    ),
  );

/** What a model's file says of its training and its results, folded. */
const records = (nested: object): HTMLElement =>
  h('details', {}, h('summary', {}, 'How it was trained'), facts(recordRows(nested)));

/** A record as rows of a table: what it holds inside is named with where it is, `optimizer, rate`. */
function recordRows(record: object, inside = ''): [string, string][] {
  return Object.entries(record).flatMap(([key, value]): [string, string][] => {
    const name = inside === '' ? key.replace(/^./, (letter) => letter.toUpperCase()) : `${inside}, ${key}`;
    if (Array.isArray(value)) return [[name, value.join(', ')]];
    if (typeof value === 'object' && value !== null) return recordRows(value as object, name);
    return value === undefined || value === '' ? [] : [[name, String(value)]];
  });
}
