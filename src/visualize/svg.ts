/** Attributes of an SVG element; `undefined` omits the attribute, numbers are rounded to two decimals. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Grey with a contrast of 4.5 : 1 on both white and black, so that text needs no background. */
export const INK = '#767676';
const FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

// Characters that XML 1.0 does not allow, even escaped.
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes text for XML and HTML, as content and as an attribute's value; characters that XML does not allow become U+FFFD.
 *
 * @example `<text>${escapeText('a < b')}</text>` // <text>a &lt; b</text>
 */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A coordinate with at most two decimals, never in exponent form. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`svg: coordinates must be finite. Received: ${value}.`);
  const text = Math.abs(value) < 1e15 ? value.toFixed(2).replace(/\.?0+$/, '') : BigInt(Math.round(value)).toString();
  return text === '-0' ? '0' : text;
}

/** One element. Attribute values are escaped here; `children` are already markup. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) open += ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(value)}"`;
  }
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

/** Escaped text as an element. */
export function text(content: string, attributes: Attributes): string {
  return element('text', attributes, escapeText(content));
}

/** The root element: it scales with its container, and states its size in pixels. `label` is read aloud where there is no title. */
export function root(
  [width, height]: readonly [number, number],
  options: { viewBox?: readonly number[]; title?: string | undefined; label?: string; background?: string | undefined },
  ...children: readonly string[]
): string {
  const viewBox = options.viewBox ?? [0, 0, width, height];
  const [x = 0, y = 0, w = width, h = height] = viewBox;
  const label = options.title ?? options.label;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: viewBox.map(coordinate).join(' '),
      'font-family': FONT,
      role: label === undefined ? undefined : 'img', // an image without a name is none for a screen reader
      'aria-label': label,
    },
    ...(options.title === undefined ? [] : [element('title', {}, escapeText(options.title))]),
    ...(options.background === undefined
      ? []
      : [element('rect', { x, y, width: w, height: h, fill: options.background })]),
    ...children,
  );
}

/** The size in pixels that {@link root} gave a plot. */
export function sizeOf(svg: string): [width: number, height: number] {
  const [, width, height] = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (height === undefined) {
    throw new TypeError(
      `visualize: figures must be SVG of this module. Received: ${JSON.stringify(svg.slice(0, 40))}.`,
    );
  }
  return [Number(width), Number(height)];
}

/** Estimated width of text in pixels, since SVG cannot measure; a slight overestimate only costs space. */
export function textWidth(content: string, fontSize: number): number {
  let units = 0;
  for (const character of content) {
    const code = character.codePointAt(0)!;
    units +=
      code > 0x2e7f
        ? 1.05
        : /[ijl.,:;'|!ftrI()[\]\s]/.test(character)
          ? 0.38
          : /[mwMW@%]/.test(character)
            ? 0.92
            : 0.62;
  }
  return units * fontSize;
}
