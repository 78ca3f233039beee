import { syntheticWalk, type SyntheticWalkOptions } from 'poseblocks/datasets';
import { keypointsOf, type Box } from 'poseblocks/keypoints';
import { oks } from 'poseblocks/metrics';
import {
  trackPoses,
  type PersonDetector,
  type PoseEstimator,
  type TrackedPose,
  type TrackPosesOptions,
} from 'poseblocks/video';
import { describe, expect, it } from 'vitest';
import { oracle } from '../support/oracle';

const blank = { width: 640, height: 480, data: new Uint8Array(640 * 480) };

/** A detector that sees the truth, and counts how often it is asked. */
function watcher(truth: () => readonly { bbox: ArrayLike<number> }[]): PersonDetector & { calls: number } {
  const detector = Object.assign(
    async () => {
      detector.calls++;
      return truth().map(({ bbox }) => ({ box: Array.from(bbox) as unknown as Box, score: 0.9 }));
    },
    { calls: 0 },
  );
  return detector;
}

interface Event {
  readonly what: 'entered' | 'lost';
  readonly id: number;
  readonly time: number;
}

/** Follows a walk for some seconds; tells which walker each id was in each picture. */
async function follow(
  walk: SyntheticWalkOptions & { readonly seconds: number; readonly fps?: number },
  { detect = true, ...options }: TrackPosesOptions & { readonly detect?: boolean } = {},
) {
  const { at } = syntheticWalk({ noise: 0, ...walk });
  const estimator = oracle();
  const detector = watcher(() => estimator.truth);
  const events: Event[] = [];
  let time = 0;
  const tracker = trackPoses(estimator, {
    ...(detect && { detector }),
    onEntered: ({ id }) => events.push({ what: 'entered', id, time }),
    onLost: ({ id }) => events.push({ what: 'lost', id, time }),
    ...options,
  });
  const seen: { time: number; people: TrackedPose[]; walkers: Map<number, number> }[] = [];
  const { fps = 30 } = walk;
  for (let i = 0; i < walk.seconds * fps; i++) {
    time = i / fps;
    estimator.truth = at(time).annotations;
    const people = await tracker.update(blank, time);
    const walkers = new Map(
      people.map((person) => {
        const likeness = estimator.truth.map((a) => oks(person, a.keypoints, { area: 0.5 * a.bbox[2]! * a.bbox[3]! }));
        const best = likeness.indexOf(Math.max(...likeness));
        expect(likeness[best], `picture ${i}`).toBeGreaterThan(0.6);
        return [person.id, estimator.truth[best]!.id];
      }),
    );
    seen.push({ time, people, walkers });
  }
  return { seen, events, estimator, detector };
}

describe('trackPoses', () => {
  it('finds one person in the whole picture without a detector, and follows it with one crop a picture', async () => {
    const { seen, events, estimator } = await follow({ seed: 5, seconds: 10 }, { detect: false });
    expect(seen.every(({ people }) => people.length === 1 && people[0]!.id === 1)).toBe(true);
    expect(events).toEqual([{ what: 'entered', id: 1, time: 0 }]);
    expect(estimator.boxes).toBe(300 + 2); // the first look is refined twice
  });

  it('keeps the ids of one walker and then two for 300 pictures; the detector runs now and then', async () => {
    const { seen, events, detector } = await follow({ seed: 2, walkers: [{}, { from: 5 }], seconds: 10 });
    expect(events).toEqual([
      { what: 'entered', id: 1, time: 0 },
      { what: 'entered', id: 2, time: expect.closeTo(5.1, 0) },
    ]);
    for (const { time, walkers } of seen) {
      expect(walkers.get(1)).toBe(0);
      if (time > 5.4) expect(walkers.get(2)).toBe(1);
    }
    expect(detector.calls).toBeLessThanOrEqual(31);
  });

  it('keeps ids apart where people pass one another', async () => {
    const { at } = syntheticWalk({ seed: 11, noise: 0, imageSize: [320, 240], walkers: [{}, {}] });
    /** A person of the walk, put elsewhere. */
    const placed = (index: number, seconds: number, x: number) => {
      const person = at(seconds).annotations.find(({ id }) => id === index)!;
      const [left, top, w, h] = Array.from(person.bbox) as [number, number, number, number];
      const keypoints = person.keypoints.map((value, k) => (k % 3 === 0 ? value + x - left - w / 2 : value));
      return { id: index, keypoints, bbox: [x - w / 2, top, w, h] };
    };
    const estimator = oracle(11);
    const tracker = trackPoses(estimator, { detector: watcher(() => estimator.truth) });
    const who = new Map<number, Set<number>>();
    for (let i = 0; i < 240; i++) {
      // Two crossings, at 1.2 body heights a second against one another.
      const x = 160 + 130 * Math.cos((2 * Math.PI * i) / 240);
      const truth = [placed(0, i / 30, x), placed(1, i / 30, 320 - x)];
      estimator.truth = truth;
      for (const person of await tracker.update(blank, i / 30)) {
        const [a, b] = truth.map(({ keypoints, bbox }) => oks(person, keypoints, { area: 0.5 * bbox[2]! * bbox[3]! }));
        if (Math.abs(x - 160) > 40) who.set(person.id, (who.get(person.id) ?? new Set()).add(a! > b! ? 0 : 1));
      }
    }
    expect([...who.entries()].map(([id, walkers]) => [id, [...walkers].length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it.each([
    [30, 0.01],
    [3, 0.05],
  ])('is put right by the detector where poses stray, at %i pictures a second', async (fps, astray) => {
    const { at } = syntheticWalk({ seed: 5, noise: 0 });
    let truth = at(0).annotations;
    /** Sees the box only, in which everybody stands alike, a little too far to the right. */
    const blind: PoseEstimator = {
      estimate: async (_, boxes) =>
        boxes.map(([x, y, w, h]) => {
          const spots = Array.from({ length: 17 }, (__, k) => [x + w * (astray + (k % 5) / 4), y + (h * k) / 16, 0.6]);
          return keypointsOf('image', spots.flat());
        }),
    };
    const tracker = trackPoses(blind, { detector: watcher(() => truth) });
    for (let i = 0; i < 5 * fps; i++) {
      truth = at(i / fps).annotations;
      const people = await tracker.update(blank, i / fps);
      expect(people.map(({ id }) => id)).toEqual([1]);
      const [[x, , w], [u, , p]] = [people[0]!.box, truth[0]!.bbox] as [Box, Box];
      expect(Math.abs(x + w / 2 - u - p / 2), `picture ${i}`).toBeLessThan(p);
    }
  });

  it('says who is lost, and gives the old id to who comes back soon, a new one to who comes back late', async () => {
    const { at } = syntheticWalk({ seed: 5, noise: 0 });
    const estimator = oracle();
    const events: string[] = [];
    const tracker = trackPoses(estimator, {
      detector: watcher(() => estimator.truth),
      patience: 3,
      onEntered: ({ id }) => events.push(`+${id}`),
      onLost: ({ id }) => events.push(`-${id}`),
    });
    const away = (i: number): boolean => (i >= 30 && i < 50) || (i >= 90 && i < 180);
    for (let i = 0; i < 240; i++) {
      estimator.truth = away(i) ? [] : at(i / 30).annotations;
      const people = await tracker.update(blank, i / 30);
      expect(people.length).toBe(away(i) ? 0 : 1);
    }
    expect(events).toEqual(['+1', '-1', '+1', '-1', '+2']);
  });

  it('finds again who jumps, without a detector', async () => {
    const { at } = syntheticWalk({ seed: 5, noise: 0, imageSize: [640, 480] });
    const estimator = oracle();
    const tracker = trackPoses(estimator, { patience: 2 });
    let without = 0;
    for (let i = 0; i < 60; i++) {
      const [person] = at(i < 30 ? 0 : 3).annotations;
      const moved = i < 30 ? 0 : person!.bbox[0]! > 300 ? -250 : 250;
      const shift = (value: number, k: number): number => (k % 3 === 0 ? value + moved : value);
      const [x, y, w, h] = Array.from(person!.bbox) as [number, number, number, number];
      estimator.truth = [{ ...person!, keypoints: person!.keypoints.map(shift), bbox: [x + moved, y, w, h] }];
      if ((await tracker.update(blank, i / 30)).length === 0) without++;
    }
    expect(without).toBeLessThanOrEqual(4);
    expect((await tracker.update(blank, 2)).length).toBe(1);
  });

  it('begins afresh when a film begins again, and when told to', async () => {
    const { at } = syntheticWalk({ seed: 5, noise: 0 });
    const estimator = oracle();
    estimator.truth = at(0).annotations;
    const lost: number[] = [];
    const tracker = trackPoses(estimator, { onLost: ({ id }) => lost.push(id) });
    expect((await tracker.update(blank, 4))[0]!.id).toBe(1);
    expect((await tracker.update(blank, 0))[0]!.id).toBe(2);
    tracker.reset();
    expect((await tracker.update(blank, 1))[0]!.id).toBe(3);
    expect(lost).toEqual([1, 2]);
  });

  it('gives people that can be drawn, smoothed unless told otherwise', async () => {
    const { seen } = await follow({ seed: 5, seconds: 1 }, { detect: false });
    const raw = await follow({ seed: 5, seconds: 1 }, { detect: false, smoothing: false });
    const [person] = seen.at(-1)!.people;
    expect(person).toMatchObject({ frame: 'image', id: 1, since: 0, label: expect.stringMatching(/^1 · \d\d %$/) });
    expect(person!.box.length).toBe(4);
    const tremble = (run: typeof seen): number =>
      run.slice(1).reduce((sum, { people }, i) => sum + Math.abs(people[0]!.xy[0]! - run[i]!.people[0]!.xy[0]!), 0);
    expect(tremble(seen)).toBeLessThan(0.6 * tremble(raw.seen));
  });

  it('has at most as many people as allowed', async () => {
    const { seen } = await follow({ seed: 3, walkers: [{}, {}, {}], seconds: 1 }, { maxPeople: 2 });
    expect(Math.max(...seen.map(({ people }) => people.length))).toBe(2);
  });

  it('refuses a second picture before the first is done, a time that is none, and options out of range', async () => {
    const tracker = trackPoses(oracle());
    const first = tracker.update(blank, 0);
    await expect(tracker.update(blank, 1)).rejects.toThrow(
      'trackPoses: update must not be called before the previous call has finished.',
    );
    await first;
    await expect(tracker.update(blank, NaN)).rejects.toThrow(
      'trackPoses: time must be finite, in seconds. Received: NaN.',
    );
    await expect(tracker.update('walk.jpg' as never, 1)).rejects.toThrow('Received: the text "walk.jpg".');
    expect(() => trackPoses(oracle(), { detectEvery: 0 })).toThrow('trackPoses: detectEvery must be a number above 0.');
    expect(() => trackPoses(oracle(), { smoothing: { minCutoff: -1 } })).toThrow('oneEuro: minCutoff');
  });
});
