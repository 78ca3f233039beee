import { open, rename, rm } from 'node:fs/promises';

/** Writes to a temporary file, flushes it, and renames it. */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.partial`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`savePoseModelFile: the file must be writable. Received: ${path} (${code ?? message}).`, { cause });
  }
}
