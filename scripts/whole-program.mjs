import ts from 'typescript';

/**
 * A part of an example as a program that runs as it is pasted: the imports that it uses, what the example declares before it and it needs, and the part itself.
 * Where the part lies inside a function, or needs a file beside it, only its imports are added.
 *
 * @param {string} text the example
 * @param {{ from: number, to: number, body: string }} part positions of the part in the text, and its text as it is shown
 */
export function wholeProgram(text, { from, to, body }) {
  const file = ts.createSourceFile('example.ts', text, ts.ScriptTarget.ES2022, true);
  const inside = (node) => node.getStart() >= from && node.end <= to;
  const overlaps = (node) => node.getStart() < to && node.end > from;
  const shown = file.statements.filter(inside);
  const nested = file.statements.some((node) => overlaps(node) && !inside(node));

  const declared = new Map();
  for (const node of file.statements) for (const name of namesDeclaredBy(node)) declared.set(name, node);
  const imports = file.statements.filter((node) => ts.isImportDeclaration(node) && !inside(node));
  const needed = new Set();
  const used = new Set();
  const take = (names) => {
    for (const name of names) {
      if (used.has(name)) continue;
      used.add(name);
      const node = declared.get(name);
      if (node === undefined || nested || inside(node) || node.getStart() > from || needed.has(node)) continue;
      needed.add(node);
      take(namesUsedBy(node));
    }
  };
  take(
    nested
      ? namesUsedBy(ts.createSourceFile('part.ts', body, ts.ScriptTarget.ES2022, true))
      : shown.flatMap((node) => [...namesUsedBy(node)]),
  );
  if (!nested) {
    // What starts the engine, and what fills a list or a variable that was declared empty.
    for (const node of file.statements) {
      if (node.getStart() >= from || inside(node) || ts.isImportDeclaration(node)) continue;
      const starts = /await useEngine\(/.test(node.getText()) && !ts.isFunctionDeclaration(node);
      if (!starts && namesDeclaredBy(node).length > 0) continue;
      const names = [...namesUsedBy(node)];
      const fills = names.some(
        (name) =>
          needed.has(declared.get(name)) &&
          /(=\s*(\[\]|new (Map|Set)\(\))|^let [\w: ]+);?$/.test(declared.get(name).getText()),
      );
      if (!starts && !fills) continue;
      needed.add(node);
      take(names);
    }
  }
  const lines = imports.map((node) => importOf(node, used)).filter((line) => line !== undefined);
  const setup = [...needed].sort((a, b) => a.pos - b.pos).map((node) => `${commentOf(node, text)}${node.getText()}`);
  // Imports of the part itself stay first.
  const own = shown.filter(ts.isImportDeclaration).map((node) => node.getText());
  const rest =
    own.length === 0 || setup.length + lines.length === 0
      ? body
      : own.reduce((left, line) => left.replace(`${line}\n`, ''), body).trim() + '\n';
  const all = own.length === 0 || rest === body ? lines : [...lines, ...own];
  return `${[all.join('\n'), setup.join('\n'), rest.trim()].filter((each) => each !== '').join('\n\n')}\n`;
}

/** A comment on the same line before a statement, or right above it. */
function commentOf(node, text) {
  const ranges = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  const last = ranges.at(-1);
  if (last === undefined || text.slice(last.end, node.getStart()).split('\n').length > 2) return '';
  const comment = text.slice(last.pos, last.end);
  return /#(end)?region|@quick|@manual|eslint|prettier/.test(comment) ? '' : `${comment}\n`;
}

function namesDeclaredBy(node) {
  const names = [];
  const bind = (name) => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) bind(element.name);
  };
  if (ts.isVariableStatement(node)) node.declarationList.declarations.forEach(({ name }) => bind(name));
  else if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name) names.push(node.name.text); // prettier-ignore
  return names;
}

function namesUsedBy(node) {
  const names = new Set();
  const visit = (each) => {
    const { parent } = each;
    const property =
      parent &&
      ((ts.isPropertyAccessExpression(parent) && parent.name === each) ||
        (ts.isPropertyAssignment(parent) && parent.name === each) ||
        (ts.isBindingElement(parent) && parent.propertyName === each));
    if (ts.isIdentifier(each) && !property) names.add(each.text);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return names;
}

/** An import with the names that are used; undefined where none is, or where it is of a file beside. */
function importOf(node, used) {
  const from = node.moduleSpecifier.text;
  if (from.startsWith('.')) return undefined;
  const { importClause } = node;
  if (importClause === undefined) return node.getText();
  const { name, namedBindings } = importClause;
  const type = importClause.isTypeOnly ? 'type ' : '';
  const whole = name && used.has(name.text) ? name.text : '';
  if (namedBindings && ts.isNamespaceImport(namedBindings))
    return used.has(namedBindings.name.text) ? node.getText() : undefined;
  const picked = (namedBindings?.elements ?? [])
    .filter((each) => used.has(each.name.text))
    .map((each) => each.getText());
  if (picked.length === 0) return whole === '' ? undefined : `import ${type}${whole} from '${from}';`;
  const before = `import ${type}${whole === '' ? '' : `${whole}, `}`;
  const line = `${before}{ ${picked.join(', ')} } from '${from}';`;
  return line.length <= 120 ? line : `${before}{\n${picked.map((each) => `  ${each},\n`).join('')}} from '${from}';`;
}
