import { printable } from '../bytes';

/** The origin of a record: the file or argument, its list, and its index in the list. */
export interface RecordPlace {
  readonly source: string;
  readonly list: string;
  readonly index: number;
}

/**
 * Throws an error that names the file, the record and the field.
 *
 * @internal
 */
export function failField(place: RecordPlace, field: string, must: string, received: unknown, fix = ''): never {
  const path = `${place.list}[${place.index}]${field === '' ? '' : `.${field}`}`;
  const ErrorClass = typeof received === 'number' ? RangeError : TypeError;
  throw new ErrorClass(`${place.source}: ${path} must ${must}. Received: ${describe(received)}.${fix && ` ${fix}`}`);
}

/**
 * A value as errors show it: short, whatever it is.
 *
 * @internal
 */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(printable(value.length > 40 ? `${value.slice(0, 40)}…` : value));
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value instanceof Object && !ArrayBuffer.isView(value) ? 'an object' : `a ${typeof value}`;
}

/**
 * Checks that a record is an object.
 *
 * @internal
 */
export function readObject(value: unknown, place: RecordPlace): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) failField(place, '', 'be an object', value);
  return value as Record<string, unknown>;
}

/**
 * Checks an integer.
 *
 * @internal
 */
export function readId(value: unknown, place: RecordPlace, field: string): number {
  if (!Number.isSafeInteger(value)) failField(place, field, 'be an integer', value);
  return (value as number) + 0;
}

/**
 * Checks a number that is finite in single precision.
 *
 * @internal
 */
export function readFinite(value: unknown, place: RecordPlace, field: string): number {
  if (!isFiniteNumber(value)) failField(place, field, 'be a finite number', value);
  return value + 0; // -0 becomes 0
}

/**
 * Checks 0, 1, true or false.
 *
 * @internal
 */
export function readFlag(value: unknown, place: RecordPlace, field: string): boolean {
  if (value !== 0 && value !== 1 && value !== true && value !== false) failField(place, field, 'be 0 or 1', value);
  return value === 1 || value === true;
}

/**
 * Checks an array of `length` finite numbers. `what` describes them.
 *
 * @internal
 */
export function readNumbers(
  value: unknown,
  place: RecordPlace,
  field: string,
  length: number,
  what: string,
): ArrayLike<number> {
  if (!isArray(value)) failField(place, field, `be an array of ${length} numbers (${what})`, value);
  if (value.length !== length) {
    failField(place, `${field}.length`, `be ${length} (${what})`, value.length);
  }
  for (let i = 0; i < length; i++) {
    if (!isFiniteNumber(value[i])) failField(place, `${field}[${i}]`, 'be a finite number', value[i]);
  }
  return value as ArrayLike<number>;
}

/** Largest number of single precision, the type of coordinates. */
const LARGEST = 3.4028234663852886e38;

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= -LARGEST && value <= LARGEST;
}

/**
 * Whether a value is an array or a typed array.
 *
 * @internal
 */
export function isArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
