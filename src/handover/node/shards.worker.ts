import { parentPort, workerData } from 'node:worker_threads';
import type { ShardJob, ShardSetup } from './shard-job';
import { writeShard } from './write-shard';

/** A thread of `writeShards`: one shard at a time. */
const port = parentPort!;
port.on('message', (job: ShardJob) => {
  writeShard(job, workerData as ShardSetup).then(
    (reply) => port.postMessage({ reply }),
    (error: unknown) => port.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
