import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeatmapCodec } from 'poseblocks/targets';
import { curvesSvg, heatmapGridSvg, htmlReport, poseSvg, type Table } from 'poseblocks/visualize';
import { toPng } from 'poseblocks/visualize/node';
import type { DemoData } from './data';
import type { Evaluation, Prediction } from './evaluate';

/** Pictures of the first few people; a report is to be looked through. */
const SHOWN = 12;

export interface Run {
  readonly title: string;
  readonly lines: readonly string[];
  readonly losses: readonly number[];
  readonly evaluation: Evaluation;
}

/** The ten COCO metrics and PCK per joint, as tables. */
export function tables({ coco, pck }: Evaluation, names: readonly string[]): [Table, Table] {
  const labelled = pck.counts.reduce((sum, count) => sum + count, 0);
  return [
    { caption: 'COCO', columns: ['metric', 'value'], rows: Object.entries(coco).map(([name, value]) => [name, value]) },
    {
      caption: 'PCK@0.2 of the box’s longer side',
      columns: ['keypoint', 'PCK', 'labelled'],
      rows: [...names.map((name, k) => [name, pck.perKeypoint[k], pck.counts[k]]), ['mean', pck.mean, labelled]],
    },
  ];
}

/** Writes results, metrics, pictures and the page that shows them. Returns the page's path. */
export async function writeReport(out: string, run: Run, codec: HeatmapCodec, data: DemoData): Promise<string> {
  const { evaluation, losses } = run;
  const names = data.keypointSet.names;
  for (const folder of ['overlays', 'heatmaps']) await mkdir(join(out, folder), { recursive: true });
  const json = (name: string, value: unknown): Promise<void> =>
    writeFile(join(out, name), `${JSON.stringify(value, null, 1)}\n`);
  await json('results.json', evaluation.results);
  await json('metrics.json', evaluation.coco);
  await json('pck.json', Object.fromEntries(names.map((name, k) => [name, evaluation.pck.perKeypoint[k]])));

  const picture = async (name: string, svg: string): Promise<string> => {
    await writeFile(join(out, `${name}.svg`), svg);
    await writeFile(join(out, `${name}.png`), await toPng(svg));
    return svg;
  };
  const shown = evaluation.predictions.slice(0, SHOWN);
  const overlays: string[] = [];
  const heatmaps: string[] = [];
  for (const prediction of shown) {
    overlays.push(await picture(`overlays/${prediction.person.id}`, await overlay(prediction, data)));
    heatmaps.push(await picture(`heatmaps/${prediction.person.id}`, grid(prediction, codec, names)));
  }
  const loss = await picture(
    'loss',
    curvesSvg([{ name: 'joints MSE', y: losses }], { xLabel: 'step', yLabel: 'loss', yScale: 'log', smoothing: 0.8 }),
  );
  const page = join(out, 'index.html');
  const report = htmlReport({
    title: run.title,
    text: run.lines,
    sections: [
      { title: 'Figures', tables: tables(evaluation, names) },
      { title: 'Training', figures: [loss] },
      {
        title: 'Predictions',
        text: 'Thin and white: the annotation; dashed where a keypoint is hidden.',
        figures: overlays,
      },
      { title: 'Heatmaps', text: 'Averaged over the flip test.', figures: heatmaps.slice(0, 4) },
    ],
  });
  await writeFile(page, report);
  return page;
}

async function overlay({ person, keypoints }: Prediction, data: DemoData): Promise<string> {
  const [x, y, width, height] = person.box;
  const margin = 0.15 * Math.max(width, height);
  const image = await data.readImage(person);
  const left = Math.max(0, x - margin);
  const top = Math.max(0, y - margin);
  const view = [
    left,
    top,
    Math.min(image.width, x + width + margin) - left,
    Math.min(image.height, y + height + margin) - top,
  ] as const;
  const truth = { ...person.keypoints, kind: 'truth' as const, color: '#ffffff', thin: true };
  return poseSvg([{ ...keypoints, box: person.box }, truth], {
    height: 280,
    size: [image.width, image.height],
    skeleton: data.keypointSet,
    image: await data.imageUrl(person),
    view,
    colors: 'side',
  });
}

const grid = (
  { heatmaps }: Prediction,
  { heatmapSize: [width, height] }: HeatmapCodec,
  names: readonly string[],
): string => heatmapGridSvg({ data: heatmaps, shape: [height, width, names.length] }, { names, cellWidth: 72 });
