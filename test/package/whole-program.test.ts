import { expect, it } from 'vitest';
// @ts-expect-error a script, without declarations
import { snippet } from '../../scripts/docs-snippets.mjs';

const EXAMPLE = `/** @quick */
import { a, b } from 'poseblocks/one';
import { unused } from 'poseblocks/two';

await useEngine('wasm');
const first = a();
const second = b(first);
const other = unused();
const found: number[] = [];
for (const each of [1, 2]) found.push(each);

// #region part
console.log(second, found);
// #endregion
`;

it('gives a part of an example with the imports and declarations that it needs, and no others', () => {
  expect(snippet('x.ts#part', () => EXAMPLE)).toBe(`import { a, b } from 'poseblocks/one';

await useEngine('wasm');
const first = a();
const second = b(first);
const found: number[] = [];
for (const each of [1, 2]) found.push(each);

console.log(second, found);
`);
});
