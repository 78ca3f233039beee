import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

type Graph = ReadonlyMap<string, readonly string[]>;

/** The first circle of imports, `a → b → a`; types count, for what needs each other's types is one file's idea in two. */
function circleIn(graph: Graph): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string | undefined => {
    const begun = path.indexOf(file);
    if (begun >= 0) return [...path.slice(begun), file].join(' → ');
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

test('finds a circle, and none where two ways lead to one file', () => {
  const ways = new Map([['a', ['b', 'c']], ['b', ['d']], ['c', ['d']], ['d', []]]); // prettier-ignore
  expect(circleIn(ways)).toBeUndefined();
  expect(circleIn(new Map([...ways, ['d', ['b']]]))).toBe('b → d → b');
});

test('no file of src/ imports itself by way of others', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const known = new Set(files.map((file) => join('src', file)));
  const graph = new Map(
    [...known].map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
      const to = importedFiles.flatMap(({ fileName }) => {
        if (!fileName.startsWith('.')) return [];
        const target = join(file, '..', fileName);
        return [`${target}.ts`, join(target, 'index.ts')].filter((path) => known.has(path));
      });
      return [file, to] as const;
    }),
  );
  expect([...graph.values()].flat().length).toBeGreaterThan(1000);
  expect(circleIn(graph)).toBeUndefined();
});
