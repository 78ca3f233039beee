import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HandoverSettings } from '../settings';
import { checkShard } from './write-shard';

/**
 * Reads `handover.json`.
 *
 * @throws Error when the file is missing, or has another version.
 */
export async function readHandover(folder: string): Promise<HandoverSettings> {
  const path = join(folder, 'handover.json');
  let settings: HandoverSettings;
  try {
    settings = JSON.parse(await readFile(path, 'utf8')) as HandoverSettings;
  } catch (cause) {
    throw new Error(`handover: ${path} must be readable JSON, as written by poseblocks handover. Received: ${(cause as Error).message}`, { cause }); // prettier-ignore
  }
  if (settings?.format !== 'poseblocks-handover' || settings.version !== 1) {
    throw new Error(`handover: ${path} must have format poseblocks-handover 1. Received: ${settings?.format} ${settings?.version}.`); // prettier-ignore
  }
  return settings;
}

/**
 * Compares every shard of a hand-over with its checksum, as `train.py` does when it starts.
 *
 * @param folder that `writeHandover` wrote
 * @throws Error naming the first file that is damaged or missing.
 * @example await checkHandover('out/handover');
 */
export async function checkHandover(folder: string): Promise<void> {
  const { data } = await readHandover(folder);
  for (const shard of [...data.training.shards, ...data.validation.shards]) {
    if (!(await checkShard(folder, shard))) {
      throw new Error(`handover: ${join(folder, shard.name)} must have all its files. Received: one is missing. Run the same poseblocks handover command again.`); // prettier-ignore
    }
  }
}
