import type { Box } from 'poseblocks/keypoints';
import { parametricPoseNms, type BoxedPose, type PoseNmsRound } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';
import { readJson } from '../support/fixtures';

interface Case {
  boxes: [x1: number, y1: number, x2: number, y2: number][];
  box_scores: number[];
  poses: [number, number][][];
  scores: number[][];
  result: { keypoints: [number, number][]; kp_score: number[]; proposal_score: number }[];
  trace: { pick: number; similarity: number[]; match: number[]; merged: number[] }[];
}
const { ppose_nms: example } = readJson<{ ppose_nms: Case }>('quoted/cases.json');
const poses = example.poses.map((xy, i): BoxedPose => {
  const [x1, y1, x2, y2] = example.boxes[i]!;
  return {
    keypoints: { frame: 'image', xy: Float32Array.from(xy.flat()), score: Float32Array.from(example.scores[i]!) },
    box: [x1, y1, x2 - x1, y2 - y1],
    boxScore: example.box_scores[i]!,
  };
});

describe("AlphaPose's worked case", () => {
  it('takes the same rounds', () => {
    const rounds: PoseNmsRound[] = [];
    parametricPoseNms(poses, { onRound: (round) => rounds.push(round) });
    expect(rounds.map(({ index, merged, matches }) => ({ pick: index, merged, match: matches }))).toEqual(
      example.trace.map(({ pick, merged, match }) => ({ pick, merged, match })),
    );
    rounds.forEach(({ similarity }, n) =>
      similarity.forEach((value, i) => expect(value).toBeCloseTo(example.trace[n]!.similarity[i]!, 4)),
    );
  });

  it('gives the same people', () => {
    const found = parametricPoseNms(poses);
    expect(found.length).toBe(example.result.length);
    found.forEach(({ keypoints, score }, n) => {
      const wanted = example.result[n]!;
      wanted.keypoints.flat().forEach((value, i) => expect(Math.abs(keypoints.xy[i]! - value)).toBeLessThan(5e-5));
      wanted.kp_score.forEach((value, k) => expect(keypoints.score[k]).toBeCloseTo(value, 6));
      expect(score).toBeCloseTo(wanted.proposal_score, 5);
    });
  });
});

describe('parametricPoseNms', () => {
  const pose = (dx: number, score: number, box: Box = [0, 0, 100, 200]): BoxedPose => ({
    keypoints: {
      frame: 'image',
      xy: Float32Array.from({ length: 34 }, (_, i) => 5 * i + (i % 2 === 0 ? dx : 0)),
      score: new Float32Array(17).fill(score),
    },
    box,
    boxScore: 0.5,
  });

  it('keeps one pose as it is but for the shift, and everyone who is far away', () => {
    const [one] = parametricPoseNms([pose(0, 0.8)]);
    expect(one!.keypoints.xy[4]).toBeCloseTo(20 - 0.3, 5);
    expect(one!.keypoints.score[3]).toBeCloseTo(0.8, 6);
    expect(one!.score).toBeCloseTo(0.8 + 0.5 + 1.25 * 0.8, 5);
    expect(parametricPoseNms([pose(0, 0.5), pose(60, 0.9)]).map(({ index }) => index)).toEqual([1, 0]);
    expect(parametricPoseNms([])).toEqual([]);
  });

  it('drops who is nowhere sure, merges who is near, by constants that can be given', () => {
    expect(parametricPoseNms([pose(0, 0.2)])).toEqual([]);
    expect(parametricPoseNms([pose(0, 0.2)], { score: 0.1 }).length).toBe(1);
    const [both, ...others] = parametricPoseNms([pose(0, 0.6), pose(2, 0.3)]);
    expect(others).toEqual([]);
    expect(both!.merged).toEqual([0, 1]);
    expect(both!.keypoints.xy[0]).toBeCloseTo((0 * 0.6 + 2 * 0.3) / 0.9 - 0.3, 5);
    expect(parametricPoseNms([pose(0, 0.6), pose(2, 0.3)], { similarity: 100, matches: 18 }).length).toBe(2);
  });

  it('refuses what is not a number, and poses that differ', () => {
    expect(() => parametricPoseNms([pose(NaN, 0.5)])).toThrow(
      /boxes and scores must be finite. Received: NaN in pose 0/,
    );
    const boxless = { ...pose(0, 0.5), box: [0, 0, NaN, 9] as const };
    expect(() => parametricPoseNms([pose(0, 0.5), boxless])).toThrow(/Received: NaN in pose 1/);
    const short = {
      ...pose(0, 0.5),
      keypoints: { frame: 'image' as const, xy: new Float32Array(2), score: new Float32Array(1) },
    };
    expect(() => parametricPoseNms([pose(0, 0.5), short])).toThrow(/poses must have the same number of keypoints/);
  });
});
