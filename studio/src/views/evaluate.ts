import { categoryKeypointSet } from 'poseblocks/datasets';
import { keypointsOf, type KeypointSet } from 'poseblocks/keypoints';
import {
  cocoMatches,
  cocoPerKeypoint,
  CocoAccumulator,
  evaluateAccumulator,
  precisionRecall,
  type CocoDataset,
  type CocoEvaluation,
  type CocoResult,
} from 'poseblocks/metrics';
import { curvesSvg, poseSvg, type PoseBox } from 'poseblocks/visualize';
import { download, fileButton, fill, h, markup, takesFiles } from '../dom';
import { isPicture } from '../file-kinds';
import { attempt } from '../notice';
import type { MakeView } from '../view';

/** COCO's figures of annotations and results, with the pictures where they are dropped too. */
export const evaluate: MakeView = (signal) => {
  let truth: CocoDataset | undefined;
  let results: CocoResult[] | undefined;
  const pictures = new Map<string, File>();
  const report = h('section', { class: 'report', 'aria-live': 'polite' });
  const status = h('ul', { class: 'checklist' });

  const take = (files: readonly File[]): void =>
    attempt(async () => {
      for (const file of files) {
        if (isPicture(file)) pictures.set(file.name, file);
        else if (/\.json$/i.test(file.name)) {
          const json = await parsed(file);
          if (Array.isArray(json)) results = json as CocoResult[];
          else if (Array.isArray((json as CocoDataset).annotations)) truth = json as CocoDataset;
          else
            throw new Error(
              `${file.name} is neither COCO annotations (an object with "annotations") nor results (a list).`,
            );
        }
      }
      tell();
      if (truth && results) await show(truth, results);
    });

  const tell = (): void =>
    fill(
      status,
      h(
        'li',
        { class: truth ? 'done' : '' },
        truth ? `Annotations: ${truth.annotations.length} people` : 'Annotations: a COCO file, .json',
      ),
      h(
        'li',
        { class: results ? 'done' : '' },
        results ? `Results: ${results.length} detections` : 'Results: a COCO results file, .json',
      ),
      h(
        'li',
        { class: pictures.size > 0 ? 'done' : '' },
        pictures.size > 0 ? `Pictures: ${pictures.size}` : 'Pictures, if you like',
      ),
    );

  const show = async (dataset: CocoDataset, found: CocoResult[]): Promise<void> => {
    const set = setOf(dataset);
    const evaluation = evaluateAccumulator(
      new CocoAccumulator({ sigmas: set.sigmas }).addAnnotations(dataset).addResults(found),
    );
    const figures = (['AP', 'AP50', 'AP75', 'APM', 'APL', 'AR', 'AR50', 'AR75'] as const).flatMap(
      (name): [string, number][] => {
        const value = (evaluation.summary as unknown as Record<string, unknown>)[name];
        return typeof value === 'number' ? [[name, value]] : [];
      },
    );
    const number = (value: number): string => (value < 0 || Number.isNaN(value) ? '–' : value.toFixed(3));
    const perKeypoint = cocoPerKeypoint(evaluation, set.names);
    const columns = Object.keys(perKeypoint[0] ?? {});
    fill(
      report,
      h('h2', {}, 'Result'),
      h(
        'dl',
        { class: 'stats' },
        figures.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { 'data-stat': name }, number(value)))),
      ),
      curves(evaluation),
      h(
        'details',
        { open: true },
        h('summary', {}, 'By keypoint'),
        h(
          'div',
          { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Figures by keypoint' },
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                columns.map((name) => h('th', { scope: 'col' }, name)),
              ),
            ),
            h(
              'tbody',
              {},
              perKeypoint.map((row) =>
                h(
                  'tr',
                  {},
                  columns.map((name) => {
                    const value = (row as unknown as Record<string, unknown>)[name];
                    return h(
                      'td',
                      {},
                      typeof value === 'number'
                        ? Number.isInteger(value)
                          ? value
                          : number(value)
                        : String(value).replaceAll('_', ' '),
                    );
                  }),
                ),
              ),
            ),
          ),
        ),
      ),
      await worst(evaluation, dataset, found, set),
      h(
        'div',
        { class: 'row' },
        h(
          'button',
          {
            type: 'button',
            onclick: () =>
              download(
                'evaluation.json',
                JSON.stringify({ ...Object.fromEntries(figures), keypoints: perKeypoint }, null, 2),
              ),
          },
          'Save as JSON',
        ),
      ),
    );
  };

  /** The people whom the results meet least, over their pictures where these are here. */
  const worst = async (
    evaluation: CocoEvaluation,
    dataset: CocoDataset,
    found: readonly CocoResult[],
    set: KeypointSet,
  ): Promise<HTMLElement> => {
    const matches = [...cocoMatches(evaluation)]
      .flatMap((match) => (match.oks === null ? [] : [{ ...match, oks: match.oks }]))
      .sort((a, b) => a.oks - b.oks)
      .slice(0, 12);
    const images = new Map(
      (dataset.images ?? []).map((image) => [
        image.id,
        image as { id: number; file_name?: string; width?: number; height?: number },
      ]),
    );
    const cards: HTMLElement[] = [];
    for (const match of matches) {
      const annotation = dataset.annotations.find(({ id }) => id === match.annotationId);
      const result = found[match.result];
      const image = annotation && images.get(annotation.image_id as number);
      if (!annotation?.keypoints || !result || !image) continue;
      const file = image.file_name === undefined ? undefined : pictures.get(image.file_name.replace(/^.*\//, ''));
      const [x, y, w, h_] = Array.from(annotation.bbox ?? [0, 0, image.width ?? 100, image.height ?? 100]) as [
        number,
        number,
        number,
        number,
      ];
      const view: PoseBox = [x - 0.15 * w, y - 0.15 * h_, 1.3 * w, 1.3 * h_];
      const size = [image.width ?? x + w, image.height ?? y + h_] as const;
      const href = file ? await dataUrl(file) : undefined;
      const svg = poseSvg(
        [
          { ...keypointsOf('image', Array.from(annotation.keypoints)), kind: 'truth', color: '#fff', thin: true },
          { ...keypointsOf('image', Array.from(result.keypoints)), kind: 'prediction', color: '#e69f00' },
        ],
        {
          skeleton: set,
          size,
          view,
          height: 220,
          title: `OKS ${match.oks.toFixed(2)}`,
          threshold: 0,
          ...(href && { image: href }),
        },
      );
      cards.push(
        h(
          'figure',
          {},
          markup(svg, 'pose'),
          h('figcaption', {}, `OKS ${match.oks.toFixed(2)} · ${image.file_name ?? `image ${image.id}`}`),
        ),
      );
    }
    if (cards.length === 0) return h('p', { class: 'note' }, 'No detection met a person.');
    return h('div', {}, h('h3', {}, 'Met worst: truth white, result orange'), h('div', { class: 'gallery' }, cards));
  };

  tell();
  const element = h(
    'div',
    { class: 'evaluate' },
    h('h1', {}, 'Evaluate results'),
    h(
      'div',
      { class: 'drop' },
      h('p', {}, 'Drop COCO annotations and a results file here, and the pictures if you like'),
      fileButton('Open files', '.json,image/*', take, { class: 'primary' }),
      status,
    ),
    report,
  );
  takesFiles(element, take, signal);
  return { element };
};

async function parsed(file: File): Promise<unknown> {
  try {
    return JSON.parse((await file.text()).replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(`${file.name} is no JSON.`);
  }
}

function setOf(dataset: CocoDataset): KeypointSet {
  const category = (dataset.categories ?? []).find((each) =>
    Array.isArray((each as { keypoints?: unknown }).keypoints),
  );
  if (category === undefined) throw new Error('The annotations must have a category with "keypoints".');
  return categoryKeypointSet(category, { source: 'annotations', list: 'categories', index: 0 });
}

function curves(evaluation: CocoEvaluation): HTMLElement {
  const series = [0.5, 0.75, 0.9].flatMap((threshold) => {
    const { recall, precision } = precisionRecall(evaluation, { threshold });
    return recall.length > 0 ? [{ name: `OKS ${threshold}`, x: recall, y: precision, steps: true }] : [];
  });
  if (series.length === 0) return h('p', { class: 'note' }, 'Nobody counts, so there is no curve.');
  return markup(
    curvesSvg(series, {
      xLabel: 'recall',
      yLabel: 'precision',
      xRange: [0, 1],
      yRange: [0, 1],
      title: 'Precision over recall',
    }),
  );
}

function dataUrl(file: File): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => fail(new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}
