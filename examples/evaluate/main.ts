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
  cocoErrors,
  cocoMatches,
  cocoPerKeypoint,
  cocoTable,
  evaluateAccumulator,
  toCocoResult,
  type CocoDataset,
} from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';

const [annotations, results] = process.argv.slice(2);
if ((annotations === undefined) !== (results === undefined)) {
  throw new Error('evaluate: two files must be named, or none. Received: one. Usage: main.ts [GT.json DT.json]');
}

/** Synthetic people, found with every third keypoint some pixels away. */
function madeUp(): CocoAccumulator {
  const { persons, json } = syntheticPeople({ seed: 1, count: 50 });
  const found = persons.map(({ imageId, keypoints: { xy } }) => {
    const moved = xy.map((value, i) => value + (i % 6 === 0 ? 8 : 1));
    return toCocoResult({ xy: moved, score: new Float32Array(xy.length / 2).fill(0.9) }, { imageId });
  });
  return new CocoAccumulator({ sigmas: COCO.sigmas }).addAnnotations(json as CocoDataset).addResults(found);
}

const evaluation = evaluateAccumulator(
  annotations !== undefined && results !== undefined
    ? await readCocoFiles({ annotations, results }, { sigmas: COCO.sigmas })
    : madeUp(),
);

console.table(cocoTable(evaluation)); // the ten official figures, as pycocotools prints them
console.table(cocoPerKeypoint(evaluation)); // which keypoints are hard
console.table(cocoErrors(evaluation).kinds); // what goes wrong, and what it costs

const worst = cocoMatches(evaluation, { threshold: 0.5 })
  .filter(({ outcome }) => outcome === 'false positive')
  .slice(0, 5);
console.table(worst); // the detections to look at first
