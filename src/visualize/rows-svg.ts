import { element, INK, root, sizeOf, text, textWidth } from './svg';

/** Plots side by side under a title. */
export interface FigureRow {
  readonly title: string;
  /** Results of functions of this module. */
  readonly figures: readonly string[];
}

const [GAP, HEADING, FONT_SIZE] = [16, 24, 14];

/**
 * Rows of plots as one SVG, in their own sizes; `toPng` of `poseblocks/visualize/node` converts it to a picture.
 *
 * @throws TypeError when a plot is not an SVG of this module.
 * @example await writeFile('run.png', await toPng(rowsSvg([{ title: 'Run 1', figures: [curvesSvg(loss), tableSvg(table)] }])));
 */
export function rowsSvg(rows: readonly FigureRow[], { title }: { readonly title?: string } = {}): string {
  let [width, top] = [0, 0];
  const drawn = rows.flatMap((row) => {
    let [left, height] = [0, 0];
    const placed = row.figures.map((svg) => {
      const [wide, high] = sizeOf(svg);
      const figure = element('g', { transform: `translate(${left} ${top + HEADING})` }, svg);
      left += wide + GAP;
      height = Math.max(height, high);
      return figure;
    });
    const heading = text(row.title, { x: 0, y: top + FONT_SIZE + 2, 'font-size': FONT_SIZE, fill: INK });
    width = Math.max(width, left - GAP, textWidth(row.title, FONT_SIZE));
    top += HEADING + height + GAP;
    return [heading, ...placed];
  });
  return root([Math.max(1, width), Math.max(1, top - GAP)], { title }, ...drawn);
}
