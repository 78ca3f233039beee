/** Where checkpoints are kept: a folder (`directoryStore` of `poseblocks/training/node`), memory, or your own. */
export interface CheckpointStore {
  /** The bytes of that name; undefined where there are none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces the bytes of that name as a whole or not at all: when it rejects, or the process dies on the way, what was
   * there before must still be.
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Keeps checkpoints in memory: for tests, and to begin a run anew within one process.
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
