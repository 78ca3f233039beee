import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  compose,
  constant,
  cosine,
  everyStep,
  iterativeSchedule,
  multiStep,
  plateau,
  repeated,
  scaled,
  warmUp,
  type EpochRecord,
  type Schedule,
} from 'poseblocks/training';
import { describe, expect, it } from 'vitest';

const { schedules: torch } = JSON.parse(
  readFileSync(new URL('../fixtures/training/optimizers.json', import.meta.url), 'utf8'),
);
const record = (epoch: number, loss: number, metrics = {}): EpochRecord => ({
  epoch,
  step: epoch,
  loss,
  learningRate: 0,
  metrics,
});

describe('equal to PyTorch', () => {
  it.each([
    ['multiStep', multiStep({ rate: 1e-3, milestones: [3, 7] })],
    ['everyStep', everyStep({ rate: 1e-3, every: 5 })],
    ['cosine', cosine({ rate: 1e-3, over: 10, to: 1e-5 })],
  ])('%s', (name, schedule) => {
    (torch[name] as number[]).forEach((rate, t) => expect(schedule(t)).toBeCloseTo(rate, 14));
  });

  it('plateau', () => {
    const { losses, rates } = torch.plateau as { losses: number[]; rates: number[] };
    const schedule = plateau({ rate: 1e-3, patience: 2 });
    const history = losses.map((loss, epoch) => record(epoch, loss));
    rates.forEach((rate, t) => expect(schedule(t + 1, history.slice(0, t + 1))).toBeCloseTo(rate, 14));
    expect(new Set(rates).size).toBeGreaterThan(2);
  });
});

it('plateau watches a metric, skips epochs without it and stops at the least rate', () => {
  const schedule = plateau({ rate: 1, metric: 'AP', patience: 0, minRate: 0.05 });
  expect(schedule(0)).toBe(1);
  const history = [record(0, 1, { AP: 0.5 }), record(1, 1), record(2, 1, { AP: 0.6 }), record(3, 1, { AP: 0.6 })];
  expect(schedule(4, history.slice(0, 3))).toBe(1);
  expect(schedule(4, history)).toBeCloseTo(0.1);
  expect(schedule(6, [...history, record(4, 1, { AP: 0 }), record(5, 1, { AP: 0 })])).toBe(0.05);
});

describe('the iterative strategy', () => {
  const schedule = iterativeSchedule();
  it('runs 150 + 6·90 = 690 epochs', () => expect(schedule.epochs).toBe(690));
  it.each([
    [0, 0, 0, 1e-3],
    [89, 0, 89, 1e-3],
    [90, 0, 90, 1e-4],
    [120, 0, 120, 1e-5],
    [149, 0, 149, 1e-5],
    [150, 1, 60, 1e-3],
    [179, 1, 89, 1e-3],
    [180, 1, 90, 1e-4],
    [210, 1, 120, 1e-5],
    [240, 2, 60, 1e-3],
    [689, 6, 149, 1e-5],
  ])('epoch %i is stage %i, epoch %i, rate %f', (time, stage, epoch, rate) => {
    expect(schedule.stageAt(time)).toEqual({ stage, epoch });
    expect(schedule(time)).toBeCloseTo(rate, 15);
  });
  it('starts six stages after the first', () => {
    const starts = Array.from({ length: 690 }, (_, epoch) => epoch).filter(schedule.startsStage);
    expect(starts).toEqual([150, 240, 330, 420, 510, 600]);
  });
  it('one stage is the plain schedule', () => {
    const plain = iterativeSchedule({ stages: 1 });
    expect(plain.epochs).toBe(150);
    expect(Array.from({ length: 200 }, (_, t) => t).some(plain.startsStage)).toBe(false);
  });
});

describe('composition', () => {
  const schedule = compose([
    [constant(1), 2],
    [multiStep({ rate: 0.5, milestones: [1] }), 3],
    [constant(9), 1],
  ]);
  it.each([
    [0, 1],
    [1, 1],
    [2, 0.5],
    [3, 0.05],
    [5, 9],
    [50, 9],
  ])('at %i it is %f', (t, rate) => expect(schedule(t)).toBeCloseTo(rate, 15));

  it('warm-up climbs along a line and then leaves the schedule alone', () => {
    const warm = warmUp(constant(2), { over: 4, from: 0.5 });
    expect([0, 1, 2, 4, 100].map((t) => warm(t))).toEqual([1, 1.25, 1.5, 2, 2]);
  });

  it('repeated and scaled', () => {
    const saw = scaled(repeated(cosine({ rate: 1, over: 4 }), 4), 2);
    expect(saw(0)).toBe(2);
    expect(saw(4)).toBe(2);
    expect(saw(6)).toBeCloseTo(1);
  });

  it('every schedule is a pure function: asked in any order, it says the same', () => {
    const all: Schedule[] = [
      warmUp(cosine({ rate: 1e-3, over: 50 }), { over: 5 }),
      iterativeSchedule({ stages: 3, epochs: 20, restart: 8 }),
      schedule,
      repeated(everyStep({ rate: 1, every: 3 }), 7),
    ];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 })), fc.constantFrom(...all), (times, one) => {
        const forwards = times.map((t) => one(t));
        const backwards = [...times].reverse().map((t) => one(t));
        expect(backwards.reverse()).toEqual(forwards);
        expect(forwards.every((rate) => rate >= 0 && Number.isFinite(rate))).toBe(true);
      }),
    );
  });
});

it.each([
  [
    'milestones',
    () => multiStep({ rate: 1, milestones: [3, 3] }),
    'multiStep: milestones must ascend. Received: [3, 3].',
  ],
  [
    'rate',
    () => multiStep({ rate: 0, milestones: [] }),
    'multiStep: rate must be finite and greater than 0. Received: 0.',
  ],
  [
    'restart',
    () => iterativeSchedule({ restart: 150 }),
    'iterativeSchedule: restart must lie in [0, 150). Received: 150.',
  ],
  ['stages', () => iterativeSchedule({ stages: 0 }), 'stages must be a positive integer'],
  ['parts', () => compose([]), 'compose: there must be at least one part.'],
  ['length', () => compose([[constant(1), 0]]), 'compose: lengths must be greater than 0. Received: 0.'],
  ['over', () => warmUp(constant(1), { over: -1 }), 'warmUp: over must be finite and greater than 0. Received: -1.'],
])('a wrong %s is refused', (_name, make, message) => expect(make).toThrow(message));
