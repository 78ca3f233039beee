import { get, put } from '../storage';

/** What a run has shown so far: a value for each step, and for each epoch. */
export interface Curves {
  readonly losses: number[];
  readonly scores: number[];
}

/** The curves of the last run, so that they go on with it after a reload. */
export async function keptCurves(): Promise<Curves> {
  const kept = (await get('project', 'curves'))?.value as Curves | undefined;
  return kept ?? { losses: [], scores: [] };
}

export const keepCurves = async ({ losses, scores }: Curves): Promise<void> =>
  void (await put('project', { id: 'curves', value: { losses: [...losses], scores: [...scores] } }));
