/**
 * Yields to timers, signals and the page. An engine that computes on the calling thread resolves its promises
 * at once, so a loop that only awaits tensors would block progress bars and abort signals.
 */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
