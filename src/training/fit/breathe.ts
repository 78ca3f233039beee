/**
 * Gives timers, signals and the page their turn. An engine that computes on the calling thread answers its own promises
 * at once, so a loop that only awaits tensors would let no progress bar be drawn and no abort be heard.
 */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
