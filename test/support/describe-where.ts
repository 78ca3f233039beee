import { describe, it } from 'vitest';

/**
 * A suite that needs something which not every machine has. Where it is missing, the whole suite is one skipped test that says so.
 *
 * @param missing what is missing, in words; null where it is there.
 */
export function describeWhere(name: string, missing: string | null, suite: () => void): void {
  if (missing === null) describe(name, suite);
  else it.skip(`${name}: ${missing}`, () => {});
}
