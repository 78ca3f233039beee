/** Storage of checkpoints: a folder (`directoryStore` of `poseblocks/training/node`), memory, or your own. */
export interface CheckpointStore {
  /** The bytes stored under a name; undefined where there are none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces the bytes of a name completely or not at all: when it rejects, or the process dies in between, the previous bytes
   * must still be there.
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Keeps checkpoints in memory: for tests, and to restart a run within one process.
 *
 * @example
 * const store = memoryStore();
 * await fit(network, { checkpoint: { store }, … });
 */
export function memoryStore(): CheckpointStore {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (name) => files.get(name)?.slice(),
    write: async (name, bytes) => void files.set(name, bytes.slice()),
  };
}
