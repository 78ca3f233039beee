/** @internal A received value in a few words, for the end of an error. Small, because it is part of every lone import. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 60))}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || !value) return value === undefined ? 'none' : String(value);
  if (value instanceof Promise) return 'a promise, which must be awaited';
  if ('length' in value)
    return `${Array.isArray(value) ? 'a list' : value.constructor.name} of ${String(value.length)}`;
  return `an object of ${Object.keys(value).slice(0, 6).join(', ') || 'no fields'}`;
}

/**
 * @internal Validates an argument of a public function, for plain JavaScript. The error states where, what must hold, what was received, and the fix.
 *
 * @throws TypeError unless it holds.
 * @example requireThat(typeof loss === 'function', 'fit', 'loss must be a function', loss, 'For instance jointsMse.');
 */
export function requireThat(
  holds: boolean,
  where: string,
  rule: string,
  received: unknown,
  remedy = '',
): asserts holds {
  if (!holds) throw new TypeError(`${where}: ${rule}. Received: ${inWords(received)}.${remedy && ` ${remedy}`}`);
}

/** @internal Whether a value is an object, and has these fields. */
export function hasFields(value: unknown, ...fields: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && fields.every((field) => field in value);
}
