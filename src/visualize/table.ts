import { element, escapeText, INK, root, text, textWidth } from './svg';

/** A cell. Text is aligned left; numbers are aligned right, with equal decimals per column (none for counts). */
export type Cell = string | number | undefined;

/** A table of metrics. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly caption?: string;
  /** Decimals, for all columns or per column. @defaultValue 3, and none where all numbers are integers and not all 0 or 1 */
  readonly digits?: number | readonly number[];
}

const FONT_SIZE = 13;
const ROW = 26;
const PAD = 14;

/**
 * A table of metrics as SVG. Numbers that are not finite, and missing cells, are shown as an en dash.
 *
 * @throws RangeError when a row does not have one cell per column.
 * @example tableSvg({ columns: ['joint', 'PCK'], rows: [['nose', 0.93], ['left_wrist', 0.71]] })
 */
export function tableSvg(table: Table): string {
  const body = formatted('tableSvg', table);
  const { columns, caption } = table;
  const widths = columns.map(
    (name, c) =>
      2 * PAD + Math.max(1.06 * textWidth(name, FONT_SIZE), ...body.map((row) => textWidth(row[c]!, FONT_SIZE))),
  );
  const lefts = widths.map((_, c) => widths.slice(0, c).reduce((sum, width) => sum + width, 0));
  const numeric = columns.map((_, c) => isNumeric(table, c));
  const captionHeight = caption === undefined ? 0 : 26;
  const width = Math.max(lefts.at(-1)! + widths.at(-1)!, caption === undefined ? 0 : textWidth(caption, 15) + 2 * PAD);
  const cell = (content: string, c: number, row: number, weight: number): string => {
    const x = numeric[c] ? lefts[c]! + widths[c]! - PAD : lefts[c]! + PAD;
    const y = captionHeight + row * ROW + 18;
    return text(content, {
      x,
      y,
      'font-size': FONT_SIZE,
      'font-weight': weight,
      fill: INK,
      'text-anchor': numeric[c] ? 'end' : undefined,
    });
  };
  const rule = (row: number, opacity: number): string => {
    const y = captionHeight + row * ROW;
    return element('line', { x1: 0, x2: width, y1: y, y2: y, stroke: INK, 'stroke-opacity': opacity });
  };
  return root(
    [width, captionHeight + (body.length + 1) * ROW + 1],
    { title: caption },
    ...(caption === undefined
      ? []
      : [text(caption, { x: PAD, y: 17, 'font-size': 15, 'font-weight': 600, fill: INK })]),
    ...columns.map((name, c) => cell(name, c, 0, 600)),
    rule(1, 0.8),
    ...body.flatMap((row, r) => [...row.map((content, c) => cell(content, c, r + 1, 400)), rule(r + 2, 0.2)]),
  );
}

/**
 * The same table as an HTML `<table>`, without style.
 *
 * @throws RangeError when a row does not have one cell per column.
 * @example tableHtml({ columns: ['keypoint', 'PCK'], rows: [['nose', 0.92]] })
 */
export function tableHtml(table: Table): string {
  const body = formatted('tableHtml', table);
  const classOf = (c: number): string | undefined => (isNumeric(table, c) ? 'number' : undefined);
  const line = (tag: 'th' | 'td', row: readonly string[]): string =>
    element(
      'tr',
      {},
      ...row.map((content, c) =>
        element(tag, { scope: tag === 'th' ? 'col' : undefined, class: classOf(c) }, escapeText(content)),
      ),
    );
  return element(
    'table',
    {},
    ...(table.caption === undefined ? [] : [element('caption', {}, escapeText(table.caption))]),
    element('thead', {}, line('th', table.columns)),
    element('tbody', {}, ...body.map((row) => line('td', row))),
  );
}

function formatted(where: string, { columns, rows, digits }: Table): string[][] {
  if (columns.length === 0) throw new RangeError(`${where}: columns must not be empty. Received: [].`);
  const decimals = columns.map((_, c) => {
    const given = typeof digits === 'object' ? digits[c] : digits;
    const numbers = rows.map((row) => row[c]).filter((cell): cell is number => Number.isFinite(cell));
    return given ?? (numbers.every(Number.isInteger) && numbers.some((value) => Math.abs(value) > 1) ? 0 : 3);
  });
  return rows.map((row, r) => {
    if (row.length !== columns.length) {
      throw new RangeError(
        `${where}: rows must have a cell for each of ${columns.length} columns. Received: ${row.length} in row ${r}.`,
      );
    }
    return row.map((cell, c) => {
      if (typeof cell === 'string') return cell;
      if (cell === undefined || !Number.isFinite(cell)) return '–';
      return cell.toFixed(decimals[c]);
    });
  });
}

/** Whether a column contains a number and no text. */
function isNumeric({ rows }: Table, column: number): boolean {
  const cells = rows.map((row) => row[column]);
  return cells.some((cell) => typeof cell === 'number') && cells.every((cell) => typeof cell !== 'string');
}
