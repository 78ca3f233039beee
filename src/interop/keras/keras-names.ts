/**
 * The name of a layer as every backend of Keras takes it: PyTorch's refuses dots, and Keras itself slashes. A dot becomes `--`, and what else is neither a letter, a digit nor
 * `_` its number, `-2f-`, so that the name can be read back, also from a file that Keras has saved anew. (tfjs' names begin with a letter or a digit.)
 *
 * @example kerasName('layer1.0.conv1') // 'layer1--0--conv1'
 */
export const kerasName = (name: string): string =>
  name.replace(/\W/g, (char) => (char === '.' ? '--' : `-${char.charCodeAt(0).toString(16)}-`));

/** The name that {@link kerasName} was given. */
export const ownName = (name: string): string =>
  name.replace(/-([0-9a-f]{0,4})-/g, (_, code: string) => String.fromCharCode(code === '' ? 0x2e : parseInt(code, 16)));

/** Begins the name of a model whose layers are named so; Keras keeps it. */
const MARK = 'poseblocks--';

/** The name of an exported model. */
export const markedName = (name: string): string => `${MARK}${kerasName(name)}`;

/** The model's own name where its layers are named by {@link kerasName}, else null. */
export const unmarkedName = (name: string): string | null =>
  name.startsWith(MARK) ? ownName(name.slice(MARK.length)) : null;
