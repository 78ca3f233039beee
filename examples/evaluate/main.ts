/**
 * Evaluates COCO results with nothing but typed arrays: `npx tsx examples/evaluate/main.ts GT.json DT.json`, or people of its own without files.
 * The command line does the same: `npx poseblocks eval --annotations GT.json --results DT.json --per-keypoint --errors`.
 *
 * @quick
 */
import { syntheticPeople } from 'poseblocks/datasets';
import { COCO } from 'poseblocks/keypoints';
import {
  CocoAccumulator,
  cocoAccumulatorFromBytes,
  cocoAccumulatorToBytes,
  cocoErrors,
  cocoMatches,
  cocoPerKeypoint,
  cocoTable,
  evaluateAccumulator,
  precisionRecall,
  toCocoResult,
  type CocoDataset,
} from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';
import { curvesSvg, htmlReport } from 'poseblocks/visualize';

const [annotations, results] = process.argv.slice(2);
if ((annotations === undefined) !== (results === undefined)) {
  throw new Error('evaluate: two files must be named, or none. Received: one. Usage: main.ts [GT.json DT.json]');
}

/** Synthetic people, found with every third keypoint some pixels away. */
const { persons, json } = syntheticPeople({ seed: 1, count: 50 });
const { images = [], annotations: people } = json as CocoDataset;
const found = persons.map(({ imageId, keypoints: { xy } }) => {
  const moved = xy.map((value, i) => value + (i % 6 === 0 ? 8 : 1));
  return toCocoResult({ xy: moved, score: new Float32Array(xy.length / 2).fill(0.9) }, { imageId });
});
const of =
  (isMine: (imageId: number) => boolean) =>
  ({ image_id: id }: { readonly image_id: number }): boolean =>
    isMine(id);
const all = new CocoAccumulator({ sigmas: COCO.sigmas }).addAnnotations({ images, annotations: people });
all.addResults(found);

// #region evaluate
const accumulator =
  annotations !== undefined && results !== undefined
    ? await readCocoFiles({ annotations, results }, { sigmas: COCO.sigmas }) // .json or gzipped, of any size
    : all;
const evaluation = evaluateAccumulator(accumulator);
console.table(cocoTable(evaluation)); // the ten official metrics, as pycocotools prints them
// #endregion

// #region details
console.table(cocoPerKeypoint(evaluation)); // which keypoints are hard: OKS, AP, AP50, AP75, AR of each
console.table(cocoErrors(evaluation).kinds); // what goes wrong, and what it costs

const worst = cocoMatches(evaluation, { threshold: 0.5 }) // who met whom, with its OKS
  .filter(({ outcome }) => outcome === 'false positive')
  .slice(0, 5);
console.table(worst); // the detections to look at first
// #endregion

// #region page
const series = [0.5, 0.75].map((threshold) => {
  const { recall, precision } = precisionRecall(evaluation, { threshold });
  return { name: `OKS ${threshold}`, x: recall, y: precision, steps: true };
});
const rows = cocoTable(evaluation).map(({ metric, oks, area, value }) => [metric, oks, area, value]);
const page = htmlReport({
  title: 'Evaluation',
  sections: [
    { title: 'COCO', tables: [{ columns: ['metric', 'OKS', 'area', 'value'], rows }] },
    { title: 'Precision over recall', figures: [curvesSvg(series, { xLabel: 'recall', yLabel: 'precision' })] },
  ],
});
// #endregion
console.log(`${page.length} characters of HTML`);

// #region shards
/** What one of several machines does: it reads its images' part and sends the bytes. */
function shard(isMine: (imageId: number) => boolean): Uint8Array {
  const part = new CocoAccumulator({ sigmas: COCO.sigmas });
  part.addAnnotations({ images: images.filter(({ id }) => isMine(id)), annotations: people.filter(of(isMine)) });
  part.addResults(found.filter(of(isMine)));
  return cocoAccumulatorToBytes(part);
}
const parts = [0, 1, 2].map((i) => shard((id) => id % 3 === i)).map((bytes) => cocoAccumulatorFromBytes(bytes));
const merged = parts.reduce((whole, part) => whole.merge(part)); // in any order: the metrics of the whole, to the last bit
// #endregion
console.log(evaluateAccumulator(merged).summary.AP === evaluateAccumulator(all).summary.AP);
