import { all, put, remove, type Stores } from './storage';

/** A model that can be chosen, not necessarily opened yet. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  /** `design`: a network of a paper with random weights, for its speed and its drawing. */
  readonly kind: 'safetensors' | 'onnx' | 'design';
  readonly from: 'shipped' | 'yours' | 'design';
  readonly bytes: () => Promise<Uint8Array>;
}

interface Catalogue {
  readonly models: readonly string[];
  readonly detectors: readonly string[];
}

const listeners = new Set<() => void>();
let shipped: Catalogue = { models: [], detectors: [] };
let own: Stores['models'][] = [];

/** Networks of the papers that Compare and Models can build. */
export const DESIGNS = [
  ['hourglass-original', 'Stacked hourglass, original (CV701 Assignment-4)'],
  ['hourglass-reduced', 'Stacked hourglass, reduced (CV701 Assignment-4)'],
  ['lpn-50', 'LPN-50 with Global Context (Zhang 2019)'],
  ['lpn-50-plain', 'LPN-50 without Global Context (Zhang 2019)'],
  ['lpn-small', 'LPN with one block a stage'],
] as const;

export async function loadCatalogue(): Promise<void> {
  const response = await fetch('./catalogue.json');
  if (response.ok) shipped = (await response.json()) as Catalogue;
  own = await all('models').catch(() => []);
  changed();
}

/** Where MoveNet MultiPose is, if this studio was built with it. */
export const detectorUrl = (): string | undefined => shipped.detectors[0];

export function entries({ designs = false } = {}): Entry[] {
  const models = shipped.models.map((path): Entry => {
    const name = path.replace(/^.*\//, '').replace(/\.safetensors$/, '');
    return { id: path, name, kind: 'safetensors', from: 'shipped', bytes: () => fetched(`./${path}`) };
  });
  const mine = [...own]
    .sort((a, b) => b.made - a.made)
    .map(({ id, name, kind, bytes }): Entry => ({ id, name, kind, from: 'yours', bytes: async () => bytes }));
  const papers = DESIGNS.map(([id, name]): Entry => ({
    id,
    name: `${name}, untrained`,
    kind: 'design',
    from: 'design',
    bytes: async () => new Uint8Array(),
  }));
  return [...mine, ...models, ...(designs ? papers : [])];
}

/** Id of the model that Label and train has trained; a new run replaces it. */
export const TRAINED = 'trained';
export const trained = (): Entry | undefined => entries().find(({ id }) => id === TRAINED);

export async function addModel(
  name: string,
  kind: 'safetensors' | 'onnx',
  bytes: Uint8Array,
  id: string = crypto.randomUUID(),
): Promise<Entry> {
  const record = { id, name, kind, bytes, made: Date.now() };
  own = [...own.filter((each) => each.id !== id), record];
  await put('models', record);
  changed();
  return entries().find((entry) => entry.id === id)!;
}

export async function removeModel(id: string): Promise<void> {
  own = own.filter((each) => each.id !== id);
  await remove('models', id);
  changed();
}

/** Calls when the list changes, until the signal aborts. */
export function onCatalogue(listener: () => void, signal: AbortSignal): void {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener));
}

function changed(): void {
  for (const listener of [...listeners]) listener();
}

async function fetched(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The model could not be read: ${url} answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}
