import type { KeypointSet } from '../../keypoints';
import { heatmapGridSvg, htmlReport, imageDataUrl, poseSvg, rowsSvg, type Table } from '../../visualize';
import { denormalized } from '../normalization';
import type { PreviewSample } from './preview-samples';

/** How a preview is drawn. */
export interface PreviewDrawing {
  /** The keypoint set, for names, limbs and sides. */
  readonly keypointSet: KeypointSet;
  /** Title of the page. @defaultValue `'What the network will see'` */
  readonly title?: string;
}

/**
 * One HTML page of samples as the network sees them: the crop with its keypoints, each map of the target over it, and the
 * weights. Keypoints of weight 0 are excluded from the loss; their maps are labelled with `: 0`.
 *
 * @throws RangeError when a sample's number of keypoints differs from the set's.
 * @example await writeFile('preview.html', previewHtml(await previewSamples(options), { keypointSet: COCO }));
 */
export function previewHtml(
  samples: readonly PreviewSample[],
  { keypointSet, title = 'What the network will see' }: PreviewDrawing,
): string {
  return htmlReport({
    title,
    sections: samples.map((sample) => ({
      title: titleOf(sample),
      figures: figuresOf(sample, keypointSet, 320),
      tables: [weightTable(sample, keypointSet)],
    })),
  });
}

/**
 * The same as one SVG, a row per sample; `toPng` of `poseblocks/visualize/node` converts it to PNG.
 *
 * @throws RangeError when a sample's number of keypoints differs from the set's.
 * @example await writeFile('preview.png', await toPng(previewSvg(samples, { keypointSet: COCO })));
 */
export function previewSvg(samples: readonly PreviewSample[], { keypointSet, title }: PreviewDrawing): string {
  const rows = samples.map((sample) => ({
    title: titleOf(sample),
    figures: figuresOf(sample, keypointSet, 320).map(({ svg }) => svg),
  }));
  return rowsSvg(rows, title === undefined ? {} : { title });
}

function figuresOf(sample: PreviewSample, set: KeypointSet, height: number): { svg: string; caption: string }[] {
  const { keypoints, inputSize, heatmaps } = sample;
  const K = set.names.length;
  if (keypoints.score.length !== K) {
    throw new RangeError(
      `preview: samples must have the ${K} keypoints of ${set.name}. Received: ${keypoints.score.length}.`,
    );
  }
  const image = imageDataUrl(denormalized(sample.pixels, sample.normalization), inputSize);
  const pose = { ...keypoints, kind: 'truth' } as const;
  const crop = poseSvg(pose, { skeleton: set, size: inputSize, image, height, keypointNames: true });
  const figures = [{ svg: crop, caption: `${inputSize[0]} × ${inputSize[1]} pixels` }];
  if (heatmaps === undefined) return figures;
  const maps = heatmaps.shape[2];
  // UDP's target: a disk and two offsets per keypoint.
  const each = maps === K ? set.names : set.names.flatMap((name) => [name, `${name} Δx`, `${name} Δy`]);
  const names = each.map((name, k) => (sample.weights?.[k] === 0 ? `${name}: 0` : name));
  const svg = heatmapGridSvg(heatmaps, { image, ...(names.length === maps && { names }) });
  return [...figures, { svg, caption: `target: ${maps} maps of ${heatmaps.shape[1]} × ${heatmaps.shape[0]} cells` }];
}

function weightTable({ keypoints: { xy, score }, weights }: PreviewSample, { names }: KeypointSet): Table {
  const each = weights === undefined ? 0 : weights.length / names.length;
  return {
    columns: ['keypoint', 'x', 'y', 'visibility', 'weight'],
    rows: names.map((name, k) => [name, xy[2 * k], xy[2 * k + 1], score[k], weights?.[k * each]]),
    digits: [0, 1, 1, 0, 0],
    caption: 'Keypoints in pixels of the crop',
  };
}

const titleOf = ({ person: { id, fileName } }: PreviewSample): string => `${fileName}, person ${id}`;
