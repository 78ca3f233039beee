/**
 * @internal Mean of the keypoint scores above `threshold`, 0 without any: the factor by which SimpleBaseline and HRNet multiply the box score
 * (`COCODataset.evaluate`).
 *
 * @example const score = boxScore * visibleMean(keypoints.score, 0.2);
 */
export function visibleMean(scores: ArrayLike<number>, threshold: number): number {
  let sum = 0;
  let visible = 0;
  for (let k = 0; k < scores.length; k++) {
    if (!(scores[k]! > threshold)) continue;
    sum += scores[k]!;
    visible++;
  }
  return visible > 0 ? sum / visible : 0;
}
