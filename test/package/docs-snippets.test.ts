import { describe, expect, test } from 'vitest';
// @ts-expect-error a script, without declarations
import { filled, snippet } from '../../scripts/docs-snippets.mjs';

const file = `/** Head. */
import { a } from 'a';

function main(): void {
  // #region outer
  first();
    // #region inner
    second();

    third();
    // #endregion
  // #endregion outer
}
`;
const read = (): string => file;
const page = (marker: string, code: string): string => `# Title\n\n${marker}\n\n\`\`\`ts\n${code}\`\`\`\n\nAfter.\n`;

describe('snippet', () => {
  test.each([
    ['x.ts#outer', 'first();\n  second();\n\n  third();\n'],
    ['x.ts#inner', 'second();\n\nthird();\n'],
    ['x.ts', file.replace('/** Head. */\n', '')],
  ])('%s', (source, code) => {
    expect(snippet(source, read)).toBe(code);
  });

  test('regions that are missing or open are errors', () => {
    expect(() => snippet('x.ts#lost', read)).toThrow('there is no "// #region lost" in x.ts');
    expect(() => snippet('x.ts#open', () => '// #region open\na();\n')).toThrow('does not end in x.ts');
  });
});

describe('filled', () => {
  test('replaces a stale block, and only it', () => {
    const marker = '<!-- snippet: x.ts#inner -->';
    expect(filled(page(marker, 'old();\n'), read)).toBe(page(marker, 'second();\n\nthird();\n'));
    expect(filled(page(marker, ''), read)).toBe(page(marker, 'second();\n\nthird();\n'));
  });

  test('leaves what is up to date, hand-written or another language', () => {
    for (const same of [
      page('<!-- snippet: x.ts#inner -->', 'second();\n\nthird();\n'),
      page('<!-- snippet: none (a type signature) -->', 'f(): void;\n'),
      '```bash\nnpm ci\n```\n',
    ]) {
      expect(filled(same, read)).toBe(same);
    }
  });

  test('code with replacement patterns is copied as it is', () => {
    const marker = '<!-- snippet: x.ts -->';
    expect(filled(page(marker, ''), () => "a = '$&$1';\n")).toContain("a = '$&$1';");
  });

  test('a block without a source is an error', () => {
    expect(() => filled(page('Words.', 'f();\n'), read)).toThrow('a TypeScript block has no source: "f();"');
  });

  test.each(['Words.\n', '```bash\nls\n```\n'])('a source without a block is an error: before %j', (next) => {
    const marker = '<!-- snippet: x.ts -->';
    expect(() => filled(`${marker}\n\n${next}`, read)).toThrow('a source has no TypeScript block: "x.ts"');
  });
});
