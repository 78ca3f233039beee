import type { Best } from '../fit/run-state';

/** The best epoch in a checkpoint; its weights are beside it. Earlier checkpoints call the value `figure`. */
export type SavedBest = { readonly epoch: number } & ({ readonly value: number } | { readonly figure: number });

export const savedBest = ({ epoch, value }: Omit<Best, 'weights'>): SavedBest => ({ epoch, value });

export const readSavedBest = (saved: SavedBest): Omit<Best, 'weights'> => ({
  epoch: saved.epoch,
  value: 'value' in saved ? saved.value : saved.figure,
});
