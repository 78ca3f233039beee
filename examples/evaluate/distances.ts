/**
 * The metrics of distance: PCK by any length, PDJ, AUC, EPE, NME, MPII's PCKh, and the protocol of the Leeds baselines.
 * People are made up; their predictions lie some pixels off.
 *
 * @quick
 */
import { LSP, MPII } from 'poseblocks/keypoints';
import {
  auc,
  BatchPckAccumulator,
  DistanceAccumulator,
  epe,
  longerSides,
  mpiiHeadSizes,
  nme,
  pck,
  pckh,
  pckOf,
  pdj,
  torsoDiameters,
  type DistanceState,
  type PoseLike,
} from 'poseblocks/metrics';

/** N people of K keypoints, `off` pixels from where they would be. */
function made(count: number, keypoints: number, off: number): PoseLike[] {
  return Array.from({ length: count }, (_, n) => ({
    xy: Array.from(
      { length: 2 * keypoints },
      (_, i) => 20 + ((7 * i + 13 * n) % 40) + (i % 2 === 0 ? off * (n % 3) : 0),
    ),
    score: new Array<number>(keypoints).fill(2),
  }));
}
const boxes = Array.from({ length: 20 }, () => [0, 0, 60, 120] as const);
const [truth, predicted] = [made(20, LSP.names.length, 0), made(20, LSP.names.length, 5)];

// #region distances
const byBox = pck(predicted, truth, { normalizer: longerSides(boxes), threshold: 0.05 });
const byTorso = pck(predicted, truth, { normalizer: torsoDiameters(truth, LSP), threshold: 0.2 });
const byPixels = pck(predicted, truth, { normalizer: 1, threshold: 8 });
const joints = pdj(predicted, truth, LSP, 0.2); // DeepPose's: the same as by torso
const area = auc(predicted, truth, { normalizer: longerSides(boxes), max: 0.5 });
const pixels = epe(predicted, truth); // mean distance
const share = nme(predicted, truth, longerSides(boxes)); // the same, in box sides
console.log(byBox.mean, byBox.weighting, byBox.counts, byBox.perKeypoint);
// #endregion
console.log(byTorso.mean, byPixels.mean, joints.mean, area.mean, pixels.mean, share.mean);

const [mpiiTruth, mpiiPredicted] = [made(20, MPII.names.length, 0), made(20, MPII.names.length, 5)];
const headBoxes = boxes.map(() => [0, 0, 30, 40] as const);
// #region pckh
const { mean, groups, meanAt01 } = pckh(mpiiPredicted, mpiiTruth, { headSize: mpiiHeadSizes(headBoxes) });
console.log(mean, groups.ankle, meanAt01); // in percent, as MPII publishes
// #endregion

// #region lsp
const leeds = new BatchPckAccumulator({ heatmapSize: [64, 64] }); // in heatmap cells
for (let start = 0; start < truth.length; start += 8) {
  leeds.add(predicted.slice(start, start + 8), truth.slice(start, start + 8));
}
const table2 = leeds.metrics();
console.log(table2.mean, table2.paired); // { ankle, knee, hip, wrist, elbow, shoulder, neck, head_top }
// #endregion

// #region accumulate
const accumulator = new DistanceAccumulator({ keypoints: LSP.names.length, thresholds: [0.1, 0.2] });
for (let n = 0; n < truth.length; n++) accumulator.add([predicted[n]!], [truth[n]!], longerSides([boxes[n]!]));
const written = JSON.stringify(accumulator); // a shard's file
accumulator.merge(DistanceAccumulator.fromJSON(JSON.parse(written) as DistanceState));
console.log(pckOf(accumulator, 0.1).mean, pckOf(accumulator, 0.2).mean);
// #endregion
