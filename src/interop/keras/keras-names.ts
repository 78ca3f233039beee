/**
 * @internal A layer name that every backend of Keras accepts: PyTorch's rejects dots, and Keras itself slashes. A dot becomes `--`, and any other character that is not a letter, a digit or
 * `_` becomes its code, `-2f-`, so that the name can be restored, also from a file that Keras has saved again. (tfjs' names start with a letter or a digit.)
 *
 * @example kerasName('layer1.0.conv1') // 'layer1--0--conv1'
 */
export const kerasName = (name: string): string =>
  name.replace(/\W/g, (char) => (char === '.' ? '--' : `-${char.charCodeAt(0).toString(16)}-`));

/** Restores the argument of {@link kerasName}. */
export const ownName = (name: string): string =>
  name.replace(/-([0-9a-f]{0,4})-/g, (_, code: string) => String.fromCharCode(code === '' ? 0x2e : parseInt(code, 16)));

/** Prefix of the name of a model with such layer names; Keras keeps it. */
const MARK = 'poseblocks--';

/** The name of an exported model. */
export const markedName = (name: string): string => `${MARK}${kerasName(name)}`;

/** The model's original name if {@link kerasName} was applied to its layers, otherwise null. */
export const unmarkedName = (name: string): string | null =>
  name.startsWith(MARK) ? ownName(name.slice(MARK.length)) : null;
