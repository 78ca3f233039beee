import { DatasetError } from '../fields';

/** Runs a read; a file that cannot be read becomes a {@link DatasetError} that names it. */
export async function withFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(`${path}: must be a readable file. Received: ${(error as Error).message}`, { cause: error });
  }
}
