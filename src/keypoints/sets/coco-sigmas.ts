/** @internal The sigmas of COCO's official evaluation, in the order of `COCO.names`. Apart from the set, so that `oks` needs no names. */
export const COCO_SIGMAS: readonly number[] = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
];
