/** One of the studio's pages. */
export interface View {
  readonly element: HTMLElement;
}

/** Makes a view anew each time it is shown; the signal aborts when it is left. */
export type MakeView = (signal: AbortSignal) => View | Promise<View>;
