import { poseOf, type PoseInput } from '../pose';

/** K of the first person. */
export function firstCount(people: readonly PoseInput[], where: string): number {
  const [first] = people;
  if (first === undefined) throw new RangeError(`${where}: truth must hold at least one person. Received: none.`);
  return poseOf(first, `${where}: truth[0]`, () => false).score.length;
}
