import { parseJsonText, shown } from '../bytes';

/** Thrown when an annotation file has invalid contents; the message names the file, the record and the field. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** A received value as text for error messages. */
export const received = (value: unknown): string => shown(value);

/** The maximum of single precision, the type of coordinates: larger values would be infinite. */
const isFinite32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value));

/** `where: must. Received: value.` as a {@link DatasetError}. */
export function invalid(where: string, must: string, value: unknown): DatasetError {
  return new DatasetError(`${where}: ${must}. Received: ${received(value)}.`);
}

export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where, 'must be an object', value);
  }
  return value as JsonObject;
}

export function arrayAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(where, 'must be an array', value);
  return value;
}

export function numberAt(record: JsonObject, field: string, where: string): number {
  const value = record[field];
  if (!isFinite32(value)) {
    throw invalid(`${where}.${field}`, 'must be a finite number', value);
  }
  return value;
}

export function integerAt(record: JsonObject, field: string, where: string): number {
  const value = record[field];
  if (!Number.isSafeInteger(value)) throw invalid(`${where}.${field}`, 'must be an integer', value);
  return value as number;
}

export function stringAt(record: JsonObject, field: string, where: string): string {
  const value = record[field];
  if (typeof value !== 'string' || value === '')
    throw invalid(`${where}.${field}`, 'must be a non-empty string', value);
  return value;
}

/** An array of finite numbers, with a given length if any. */
export function numbersAt(record: JsonObject, field: string, where: string, length?: number): readonly number[] {
  const value = record[field];
  const must = `must hold ${length ?? 'only'} finite numbers`;
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw invalid(`${where}.${field}`, must, value);
  }
  const wrong = value.findIndex((item) => !isFinite32(item));
  if (wrong >= 0) throw invalid(`${where}.${field}[${wrong}]`, 'must be a finite number', value[wrong]);
  return value as readonly number[];
}

/** Parses JSON; a syntax error becomes a {@link DatasetError} that names the file. */
export function parseJson(text: string, source: string): unknown {
  try {
    return parseJsonText(text, 'it');
  } catch (error) {
    throw new DatasetError(`${source}: ${(error as Error).message.replace(/^it must be JSON/, 'must be valid JSON').replace(/^it /, '')}${/^[^\n{[]*\.json(\.gz)?$/.test(text) ? ' It is a path: read the file first.' : ''}`, { cause: error }); // prettier-ignore
  }
}
