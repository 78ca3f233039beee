/** Where a command writes. */
export interface Terminal {
  /** Results. */
  readonly print: (line: string) => void;
  /** Errors, warnings, progress. */
  readonly warn: (line: string) => void;
}

/** A subcommand: takes its arguments, returns the exit code. */
export type Command = (args: readonly string[], io: Terminal) => Promise<number>;
