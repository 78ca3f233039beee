import { shownNames } from '../../bytes';
import { fail, StoredTensor } from './stored-tensor';
import { Foreign } from './unpickle';

/** Keys under which trainers store the weights, in the order in which they are tried. */
const USUAL = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'module',
  'weights',
  'state_dict_ema',
  'ema_state_dict',
  'model_ema',
  'ema',
];
/** Keys that trainers store beside the weights; their tensors do not belong to the network. */
const OTHERS = /optim|sched|scaler|criterion|loss|meta|args|config|rng/i;
/** Maximum depth, as in `{ model: { state_dict } }`. */
const DEEPEST = 4;

export type Dictionary = ReadonlyMap<unknown, unknown>;
const isDictionary = (value: unknown): value is Dictionary => value instanceof Map;
const holdsTensors = (value: unknown): value is Dictionary => {
  if (isDictionary(value)) for (const each of value.values()) if (each instanceof StoredTensor) return true;
  return false;
};

/** The weights in a trainer's file: under a usual key, and within that again under a usual key. */
function usual(value: unknown, depth = 0): Dictionary | undefined {
  if (!isDictionary(value) || depth > DEEPEST) return undefined;
  for (const name of USUAL) {
    const found = usual(value.get(name), depth + 1);
    if (found) return found;
  }
  return holdsTensors(value) ? value : undefined;
}

/** Paths of the dictionaries that hold tensors, `generator.state_dict`. */
function candidates(value: unknown, path = '', depth = 0): string[] {
  if (!isDictionary(value) || depth > DEEPEST) return [];
  const found = path !== '' && holdsTensors(value) ? [path] : [];
  for (const [key, each] of value) {
    if (!isDictionary(each) || typeof key !== 'string' || OTHERS.test(key) || found.length > 10) continue;
    found.push(...candidates(each, path === '' ? key : `${path}.${key}`, depth + 1));
  }
  return found;
}

/** The value at a key, or at a path of keys separated by dots. */
function at(value: unknown, path: string): unknown {
  if (!isDictionary(value)) return undefined;
  if (value.has(path)) return value.get(path);
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    if (value.has(path.slice(0, dot))) return at(value.get(path.slice(0, dot)), path.slice(dot + 1));
  }
  return undefined;
}

/** The dictionary of tensors of a checkpoint: that at `key`, else the one under a usual key, else the only one that there is. */
export function tensorsIn(value: unknown, key: string | undefined): Dictionary {
  const keys = isDictionary(value) ? shownNames(value.keys(), 10) : 'none';
  if (key !== undefined) {
    const found = at(value, key);
    return holdsTensors(found) ? found : fail(`${shownNames([key])} must hold tensors. Received: keys ${keys}.`);
  }
  const found = usual(value);
  if (found) return found;
  const elsewhere = candidates(value);
  if (elsewhere.length === 1) return at(value, elsewhere[0]!) as Dictionary;
  if (value instanceof Foreign) {
    return fail(
      `the file must hold a state dict. Received: a complete ${shownNames([value.global])}. In Python, save module.state_dict() instead.`,
    );
  }
  const hint = elsewhere.length > 1 ? `; tensors in ${shownNames(elsewhere)}` : '';
  return fail(`the file must hold a state dict. Received: keys ${keys}${hint}. Name one with { key }.`);
}
