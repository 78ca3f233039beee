import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shownNames } from '../../bytes';
import { CheckpointError, type CheckpointStore } from '..';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space',
  EDQUOT: 'the disk quota is used up. Free some space',
  EFBIG: 'the file exceeds the size allowed. Raise the limit',
  EROFS: 'the file system is read-only. Choose another folder',
  EACCES: 'writing there is not permitted. Choose another folder, or change its permissions',
  EPERM: 'writing there is not permitted. Choose another folder, or change its permissions',
  ENOTDIR: 'part of the path is a file. Choose another folder',
};

/**
 * Checkpoints as files of a folder, which the first write creates. A write replaces the file atomically: it writes to a temporary
 * file, flushes it to the disk, renames it, and flushes the folder. Whatever happens in between (disk full,
 * process killed, power lost), the previous file stays intact. Only one run at a time may write to a folder.
 *
 * @throws RangeError when a name is a path.
 * @throws CheckpointError from `write` and `read`, with the reason, the path, and that the previous checkpoint is intact.
 * @example
 * await fit(network, { checkpoint: { store: directoryStore('out/lpn-50'), everySteps: 500 }, … });
 */
export function directoryStore(folder: string): CheckpointStore {
  /** A name must be a file name, not a path. */
  const place = (name: string): string => {
    if (/[/\\\0]/.test(name) || name === '' || name === '.' || name === '..') {
      throw new RangeError(`directoryStore: a name must be a file name, not a path. Received: ${shownNames([name])}.`);
    }
    return join(folder, name);
  };
  return {
    async read(name) {
      const path = place(name);
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw failure('could not be read', path, error);
      }
    },
    async write(name, bytes) {
      const path = place(name);
      const beside = join(folder, `.${name}.partial`); // a fixed name, so that the rest of a killed process is overwritten
      try {
        await mkdir(folder, { recursive: true });
        await writeFlushed(beside, bytes);
        await rename(beside, path);
        await flushFolder(folder);
      } catch (error) {
        await rm(beside, { force: true }).catch(() => undefined);
        throw failure('could not be written; the previous checkpoint, if there was one, is intact', path, error);
      }
    },
  };
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable after the folder is flushed; Windows has no such call and does not need it. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function failure(what: string, path: string, error: unknown): CheckpointError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new CheckpointError(`directoryStore: ${path} ${what}: ${REASONS[code] ?? message}. Received: ${code}.`, {
    cause: error,
  });
}
