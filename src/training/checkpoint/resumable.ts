/** Something whose state a checkpoint can keep. The state must be plain data. */
export interface Resumable {
  state(): unknown;
  restore(state: unknown): void;
}
