import type { Measured, WeightsMetrics } from './measure';

const percent = (value: number): string => (Number.isNaN(value) ? '–' : (100 * value).toFixed(1));

/** The figures as Markdown. */
export function figureTables(figures: WeightsMetrics): string {
  const { person, observer, withoutFlip, meanPose, paper000, synthetic, photographs } = figures;
  const joints = Object.keys(person.paired);
  const line = (name: string, { mean, paired, people }: Measured): string =>
    `| ${[name, people, percent(mean), ...joints.map((joint) => percent(paired[joint] ?? NaN))].join(' | ')} |`;
  const columns = ['PCK in %', 'people', 'mean', ...joints.map((joint) => joint.replace('_', ' '))];
  return [
    `| ${columns.join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    line('PCK@0.2 of the torso, person-centric, flip test', person),
    line('the same, observer-centric', observer),
    line('person-centric, without flip test', withoutFlip),
    line('the mean pose of the training part, for comparison', meanPose),
    line("paper 000's protocol, whole image stretched", paper000),
    line('synthetic people', synthetic),
    ...Object.entries(photographs).map(([set, measured]) => line(`photographs of ${set.toUpperCase()}`, measured)),
    '',
    `Over the twelve keypoints of COCO, flip test: ${percent(figures.personTwelve)} on person crops, ${percent(figures.wholeImageTwelve)} on whole images, letterboxed.`,
  ].join('\n');
}
