import { element, escapeText } from './svg';
import { tableHtml, type Table } from './table';

/** A plot of a report: the result of a function of this module, with a caption. */
export interface ReportFigure {
  readonly svg: string;
  readonly caption?: string;
}

/** A section of a {@link Report}. */
export interface ReportSection {
  readonly title: string;
  /** One or several paragraphs. */
  readonly text?: string | readonly string[];
  readonly tables?: readonly Table[];
  /** Plots, side by side as far as they fit. */
  readonly figures?: readonly (string | ReportFigure)[];
}

/** The contents of {@link htmlReport}. */
export interface Report {
  readonly title: string;
  readonly text?: string | readonly string[];
  readonly sections: readonly ReportSection[];
  /** Language of the texts. @defaultValue `'en'` */
  readonly language?: string;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, 'Segoe UI', Roboto, sans-serif; }
body { max-width: 1100px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #8884; }
p { max-width: 70ch; margin: .4rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0; list-style: none; }
:focus-visible { outline: 2px solid #1a73e8; outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; margin-top: 1rem; }
figure { margin: 0; max-width: 100%; flex: 0 1 auto; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption, caption { color: #767676; font-size: .9rem; text-align: left; padding: .35rem 0; }
figcaption { contain: inline-size; min-width: 10rem; }
.table { max-width: 100%; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .3rem .9rem; text-align: left; border-bottom: 1px solid #8883; }
th { border-bottom: 2px solid #8888; }
.number { text-align: right; }
@media (max-width: 40rem) { table { font-size: .85rem; } th, td { padding: .3rem .4rem; } .row { gap: 1rem; } }
@media (prefers-color-scheme: dark) { body { background: #000; } } /* the grey of the plots needs it for a contrast of 4.5 */
`;

/**
 * One HTML page with plots and tables: no other file, no script, no network access. Light or dark according to the
 * reader's system.
 *
 * @example
 * await writeFile('report.html', htmlReport({ title: 'LPN-50', sections: [{ title: 'Loss', figures: [curvesSvg(series)] }] }));
 */
export function htmlReport({ title, text, sections, language = 'en' }: Report): string {
  const head = element(
    'head',
    {},
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element('title', {}, escapeText(title)),
    element('style', {}, STYLE),
  );
  const main = element('main', {}, element('h1', {}, escapeText(title)), paragraphs(text), contents(sections), ...sections.map(section)); // prettier-ignore
  const body = element('body', {}, main);
  return `<!doctype html>\n${element('html', { lang: language }, head, body)}\n`;
}

/** Links to the sections of a long page. */
function contents(sections: readonly ReportSection[]): string {
  if (sections.length < 4) return '';
  const links = sections.map(({ title }, i) => element('li', {}, element('a', { href: `#${idOf(i)}` }, escapeText(title)))); // prettier-ignore
  return element('nav', {}, element('ul', {}, ...links));
}

const idOf = (index: number): string => `section-${index + 1}`;

function section({ title, text, tables = [], figures = [] }: ReportSection, index: number): string {
  const items = [
    // A table that is wider than the page is scrolled in its region, with the arrow keys as well.
    ...tables.map((table) => element('div', { class: 'table', role: 'region', tabindex: '0', 'aria-label': table.caption ?? title }, tableHtml(table))), // prettier-ignore
    ...figures.map((figure) => (typeof figure === 'string' ? { svg: figure } : figure)).map(figureHtml),
  ];
  const row = items.length === 0 ? '' : element('div', { class: 'row' }, ...items);
  return element('section', { id: idOf(index) }, element('h2', {}, escapeText(title)), paragraphs(text), row);
}

function figureHtml({ svg, caption }: ReportFigure): string {
  if (!svg.startsWith('<svg')) {
    throw new TypeError(`htmlReport: figures must be SVG markup. Received: ${JSON.stringify(svg.slice(0, 40))}.`);
  }
  return element('figure', {}, svg, ...(caption === undefined ? [] : [element('figcaption', {}, escapeText(caption))]));
}

function paragraphs(content: string | readonly string[] | undefined): string {
  if (content === undefined) return '';
  return (typeof content === 'string' ? [content] : content).map((line) => element('p', {}, escapeText(line))).join('');
}
