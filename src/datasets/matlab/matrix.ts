import {
  countOf,
  elementAt,
  matError,
  numbersOf,
  readInto,
  textOf,
  TYPE,
  type Element,
  type MatSource,
} from './elements';
import type { MatArray, MatValue } from './values';

const CLASS = { cell: 1, struct: 2, object: 3, text: 4, sparse: 5, function: 16, opaque: 17 } as const;

/** The array type of each numeric class, from `double` on. */
const ARRAYS: readonly ((length: number) => MatArray)[] = [
  (length) => new Float64Array(length),
  (length) => new Float32Array(length),
  (length) => new Int8Array(length),
  (length) => new Uint8Array(length),
  (length) => new Int16Array(length),
  (length) => new Uint16Array(length),
  (length) => new Int32Array(length),
  (length) => new Uint32Array(length),
  (length) => new BigInt64Array(length),
  (length) => new BigUint64Array(length),
];

/** Maximum number of structs without fields. They take no bytes, so the file's size does not bound them. */
const MOST_EMPTY_STRUCTS = 65536;
const DEEPEST = 64;

/** Decodes a matrix element; cells and structs in it are decoded on request. */
export function matrixOf(
  source: MatSource,
  element: Element,
  place: string,
  depth = 0,
): { name: string; value: MatValue } {
  if (element.type !== TYPE.matrix)
    throw matError(source, place, `must be a matrix. Received: an element of type ${element.type}.`);
  if (depth > DEEPEST) throw matError(source, place, `must not nest deeper than ${DEEPEST}.`);
  if (element.from === element.until) return { name: '', value: emptyMatrix() };
  let at = element.from;
  const take = (what: string): Element => {
    const child = elementAt(source, at, element.until, `${place} (${what})`);
    at = child.next;
    return child;
  };

  const [flags = 0] = numbersOf(source, take('flags'), place, 16);
  const kind = flags & 0xff;
  if (kind === CLASS.opaque) return { name: textOf(source, take('name')), value: { kind: 'opaque', shape: [1, 1] } };
  const shape = numbersOf(source, take('dimensions'), place, 32);
  const length = shape.reduce((product, side) => product * side, 1);
  if (
    shape.length < 2 ||
    !shape.every((side) => Number.isSafeInteger(side) && side >= 0) ||
    !Number.isSafeInteger(length)
  ) {
    throw matError(source, place, `dimensions must be two or more sizes. Received: [${shape}].`);
  }
  const name = textOf(source, take('name'));
  const here = depth === 0 && /^[a-z]\w*$/i.test(name) ? name : place;

  /** The positions of `count` consecutive matrices, which are decoded later. */
  const children = (count: number): readonly Element[] => {
    if (count > (element.until - at) / 8) {
      throw matError(source, here, `must hold ${count} elements. Received: ${element.until - at} bytes.`);
    }
    return Array.from({ length: count }, (_, i) => take(`element ${i + 1}`));
  };

  switch (kind) {
    case CLASS.cell: {
      const cells = children(length);
      const at = (i: number): MatValue =>
        cells[i] === undefined ? emptyMatrix() : matrixOf(source, cells[i], `${here}{${i + 1}}`, depth + 1).value;
      return { name, value: { kind: 'cell', shape, length, at } };
    }
    case CLASS.object:
    case CLASS.struct: {
      if (kind === CLASS.object) take('class name');
      const [width = 0] = numbersOf(source, take('field name length'), here, 1);
      const names = take('field names');
      if (!Number.isSafeInteger(width) || width < 0) {
        throw matError(source, here, `field names must have a positive length. Received: ${width}.`);
      }
      const count = width > 0 ? Math.floor((names.until - names.from) / width) : 0;
      const fields = Array.from({ length: count }, (_, i) => {
        const from = names.from + i * width;
        return textOf(source, { ...names, from, until: from + width }).replace(/\0.*$/s, '');
      });
      if (count === 0 && length > MOST_EMPTY_STRUCTS) {
        throw matError(
          source,
          here,
          `must hold at most ${MOST_EMPTY_STRUCTS} structs without fields. Received: ${length}.`,
        );
      }
      const values = children(length * count);
      const at = (i: number, field: string): MatValue | undefined => {
        const value = values[i * count + fields.indexOf(field)];
        if (i >= length || value === undefined || !fields.includes(field)) return undefined;
        const path = length === 1 ? `${here}.${field}` : `${here}(${i + 1}).${field}`;
        return matrixOf(source, value, path, depth + 1).value;
      };
      return { name, value: { kind: 'struct', shape, length, fields, at } };
    }
    case CLASS.text:
      return { name, value: { kind: 'text', shape, rows: rowsOf(source, take('text'), shape, here) } };
    case CLASS.sparse:
      return { name, value: { kind: 'sparse', shape } };
    case CLASS.function:
      return { name, value: { kind: 'function', shape } };
  }
  const array = ARRAYS[kind - 6];
  if (array === undefined) throw matError(source, here, `must be of a known class. Received: class ${kind}.`);
  const numbers = (what: string): MatArray => {
    const stored = take(what);
    const count = countOf(source, stored, here);
    if (count !== length) throw matError(source, here, `must hold ${length} numbers ([${shape}]). Received: ${count}.`);
    if (depth === 0) source.budget.spend(length * array(0).BYTES_PER_ELEMENT, here);
    return readInto(source, stored, array(length));
  };
  const data = length === 0 && at >= element.until ? array(0) : numbers('real part');
  const complex = (flags & 0x800) !== 0;
  return {
    name,
    value: {
      kind: 'numeric',
      shape,
      data,
      logical: (flags & 0x200) !== 0,
      ...(complex && { imaginary: numbers('imaginary part') }),
    },
  };
}

function emptyMatrix(): MatValue {
  return { kind: 'numeric', shape: [0, 0], data: new Float64Array(0), logical: false };
}

/** The rows of a character matrix, which is stored by column. */
function rowsOf(source: MatSource, element: Element, shape: readonly number[], place: string): string[] {
  const rows = shape[0]!;
  if (rows === 0 || element.from === element.until) return [];
  countOf(source, element, place);
  const text = textOf(source, element);
  if (rows === 1) return [text];
  if (rows > text.length) {
    throw matError(source, place, `must hold the characters of ${rows} rows. Received: ${text.length}.`);
  }
  const columns = Math.floor(text.length / rows);
  return Array.from({ length: rows }, (_, r) => {
    let row = '';
    for (let c = 0; c < columns; c++) row += text[c * rows + r];
    return row;
  });
}
