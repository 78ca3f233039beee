/** An object whose state a checkpoint can store. The state must be plain data. */
export interface Resumable {
  state(): unknown;
  restore(state: unknown): void;
}
