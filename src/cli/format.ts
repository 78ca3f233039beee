/** A value of a table. */
export type Cell = string | number;

/** Named tables; the rows of one have the same columns. */
export type Report = Readonly<Record<string, readonly Readonly<Record<string, Cell>>[]>>;

export const formats = ['table', 'json', 'csv'] as const;

/** A report as text: tables to read, JSON with NaN as null, or CSV with a first column that names the table. */
export function formatReport(report: Report, format: (typeof formats)[number]): string {
  if (format === 'json') return JSON.stringify(report, null, 2);
  const tables = Object.entries(report).filter(([, rows]) => rows.length > 0);
  if (format === 'table') return tables.map(([, rows]) => alignedTable(rows)).join('\n\n');
  return tables
    .map(([name, rows]) => [
      ['table', ...Object.keys(rows[0]!)].join(','),
      ...rows.map((row) => [name, ...Object.values(row)].map(csvCell).join(',')),
    ])
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function alignedTable(rows: Report[string]): string {
  const columns = Object.keys(rows[0]!);
  const text = [columns, ...rows.map((row) => columns.map((column) => shown(row[column]!)))];
  const widths = columns.map((_, c) => Math.max(...text.map((line) => line[c]!.length)));
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  return text
    .map((line) => line.map((cell, c) => (isNumber[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!))))
    .map((line) => line.join('  ').trimEnd())
    .join('\n');
}

function shown(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (Number.isNaN(cell)) return '-';
  if (cell === -1) return 'none'; // COCO's mark of a metric without people; no command has −1 as a value
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(4);
}

function csvCell(cell: Cell): string {
  const text = String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
