import { SaxesParser } from 'saxes';

export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/** Every element of the document in order. Throws on anything that is not well-formed XML, and on numbers gone wrong. */
export function parseSvg(svg: string): Node[] {
  const nodes: Node[] = [];
  const open: Node[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const attributes = Object.fromEntries(Object.entries(tag.attributes).map(([key, { value }]) => [key, value]));
    for (const [key, value] of Object.entries(attributes)) {
      if (key !== 'aria-label' && /NaN|Infinity|undefined/.test(value))
        throw new Error(`<${tag.name}> ${key}="${value}"`);
    }
    const node: Node = { name: tag.name, attributes, text: '' };
    nodes.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(svg).close();
  if (nodes[0]?.name !== 'svg') throw new Error(`the root must be <svg>, not <${nodes[0]?.name}>`);
  return nodes;
}

/** Elements of one name. */
export function all(svg: string, name: string): Node[] {
  return parseSvg(svg).filter((node) => node.name === name);
}
