/**
 * Lists exported names whose docstring lacks what it should have; there should be none.
 *
 *     node scripts/docstrings.mjs
 *
 * - everything: a sentence of what it is;
 * - a function and a class: `@example`; `@throws` where its own body throws or checks arguments; the shape of tensors that it takes or gives;
 *   every parameter by name, in `@param` or in the text, unless its type is named for it (`box: Box`, `options: FitOptions`);
 * - an option: a description of its own; a number's names its unit or what it counts, as its description, and a default where it may be left out.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const entries = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|\/)index\.ts$/.test(file) && !file.startsWith('cli'))
  .map((file) => join('src', file));
const { config } = ts.readConfigFile('tsconfig.build.json', ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

const CHECKS = /^(require[A-Z]|check[A-Z]|assert|must[A-Z]|knownOptions$|fail)/;
const SHAPED = /\b(Tensor\dD|Tensor|SymbolicTensor|LayersModel)\b/;
const HAS_SHAPE = /\[[^\]]*(\b[NHWCKTBD]\b|\d)[^\]]*\]|\d\s*[×x]\s*\d|→|scalar|shape|same/;

/** Every exported declaration once, with the name under which it is exported. */
function* exported() {
  const seen = new Set();
  for (const entry of entries) {
    const file = program.getSourceFile(entry);
    const module = checker.getSymbolAtLocation(file);
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declaration = target.declarations?.[0];
      const isInternal = [symbol, target].some((each) => each.getJsDocTags(checker).some(({ name }) => name === 'internal')) || hiddenExport(symbol); // prettier-ignore
      if (declaration === undefined || seen.has(declaration) || isInternal) continue;
      if (!declaration.getSourceFile().fileName.includes('/src/')) continue;
      seen.add(declaration);
      yield { name: symbol.name, target, declaration };
    }
  }
}

/** `@internal` above the export statement. */
function hiddenExport(symbol) {
  const statement = symbol.declarations?.[0]?.parent?.parent?.parent;
  return statement !== undefined && ts.isExportDeclaration(statement) && /@internal/.test(statement.getFullText().slice(0, statement.getLeadingTriviaWidth())); // prettier-ignore
}

function textOf(symbol) {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

function tagsOf(symbol) {
  return symbol.getJsDocTags(checker).map(({ name, text }) => ({ name, text: ts.displayPartsToString(text) }));
}

/** Whether a body throws, or checks what it was given. Bodies of functions inside are not its own. */
function throws(body) {
  let found = false;
  const visit = (node) => {
    if (found || (ts.isFunctionLike(node) && node !== body.parent)) return;
    if (ts.isThrowStatement(node)) found = true;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && CHECKS.test(node.expression.text))
      found = true;
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** `box: Box`, `options: FitOptions`, `image: RgbImage`: the type says it. */
function namedForType(name, type) {
  const lower = type.toLowerCase();
  if (type === 'Size' || type === 'LayersModel') return true; // [width, height] in pixels; a network
  return name === 'options' || lower.includes(name.toLowerCase()) || (name.endsWith('s') && lower.includes(name.slice(0, -1).toLowerCase())); // prettier-ignore
}

function lacksOfFunction(node, text, tags, missing) {
  const has = (name) => tags.some((tag) => tag.name === name);
  if (!has('example')) missing.push('@example');
  if (node.body && throws(node.body) && !has('throws') && !/never throws/.test(text)) missing.push('@throws');
  const signature = node.parameters.map((each) => each.type?.getText() ?? '').join(' ') + (node.type?.getText() ?? '');
  const all = `${text} ${tags.map((tag) => tag.text).join(' ')}`;
  if (SHAPED.test(signature) && !/LayersModel/.test(signature) && !HAS_SHAPE.test(all)) missing.push('shapes');
  for (const { name, type } of node.parameters) {
    if (!ts.isIdentifier(name)) continue;
    const word = new RegExp(`\\b${name.text.replace(/^_/, '')}\\b`, 'i');
    const plural = new RegExp(`\\b${name.text.slice(0, -1)}`, 'i');
    if (!word.test(all) && !plural.test(text) && !namedForType(name.text, type?.getText() ?? ''))
      missing.push(`parameter ${name.text}`);
  }
}

function lacksOfMembers(node, missing) {
  for (const member of node.members ?? []) {
    if (!ts.isPropertySignature(member) && !ts.isMethodSignature(member)) continue;
    const symbol = checker.getSymbolAtLocation(member.name);
    if (symbol === undefined) continue;
    const described = textOf(symbol) !== '' || tagsOf(symbol).some(({ name }) => name === 'defaultValue');
    if (!described) missing.push(`.${symbol.name}`);
  }
}

const lines = [];
let count = 0;
for (const { name, target, declaration } of exported()) {
  count++;
  const missing = [];
  const text = textOf(target);
  if (text.length < 10) missing.push('a sentence');
  if (ts.isFunctionDeclaration(declaration)) lacksOfFunction(declaration, text, tagsOf(target), missing);
  if (ts.isInterfaceDeclaration(declaration) && /Options$|Config$/.test(name)) lacksOfMembers(declaration, missing);
  if (missing.length > 0)
    lines.push(`${relative('.', declaration.getSourceFile().fileName)} ${name}: ${missing.join(', ')}`);
}
if (lines.length > 0) {
  console.log(lines.sort().join('\n'));
  console.log(`${lines.length} of ${count} exported names lack something. See the head of scripts/docstrings.mjs.`);
  process.exitCode = 1;
} else console.log(`${count} exported names`);
