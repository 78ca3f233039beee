/**
 * Evaluates COCO results with nothing but typed arrays: `npx tsx examples/evaluate/main.ts GT.json DT.json`.
 * The command line does the same: `npx poseblocks eval --annotations GT.json --results DT.json --per-keypoint --errors`.
 */
import { COCO } from 'poseblocks/keypoints';
import { cocoErrors, cocoMatches, cocoPerKeypoint, cocoTable, evaluateAccumulator } from 'poseblocks/metrics';
import { readCocoFiles } from 'poseblocks/metrics/node';

const [annotations, results] = process.argv.slice(2);
if (annotations === undefined || results === undefined) {
  throw new Error('evaluate: two files must be named. Received: fewer. Usage: main.ts GT.json DT.json');
}
const evaluation = evaluateAccumulator(await readCocoFiles({ annotations, results }, { sigmas: COCO.sigmas }));

console.table(cocoTable(evaluation)); // the ten official figures, as pycocotools prints them
console.table(cocoPerKeypoint(evaluation)); // which keypoints are hard
console.table(cocoErrors(evaluation).kinds); // what goes wrong, and what it costs

const worst = cocoMatches(evaluation, { threshold: 0.5 })
  .filter(({ outcome }) => outcome === 'false positive')
  .slice(0, 5);
console.table(worst); // the detections to look at first
