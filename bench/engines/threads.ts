/**
 * One wasm thread and several, in processes of their own, in turns: the compiled network, batch 1, and a training step (Adam), at 256×192:
 *
 *     npx tsx bench/engines/threads.ts [NETWORK: lpn-50|hrnet-w32] [THREADS: 2] [ROUNDS: 5] [BATCH: 4]
 *
 * Needs a machine with nothing else to do. A round takes the median of ten passes, and of three steps. Rows go to bench/results/engine-threads.csv.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compile } from 'poseblocks/inference';
import { median, record, seconds } from '../measure';
import { startEngine } from './engine';
import { networkNamed, randomImages, trainingStep } from './step';

type Job = 'inference' | 'training';
const PASSES: Readonly<Record<Job, number>> = { inference: 10, training: 3 };

const [name = 'lpn-50', most = '2', rounds = '5', batch = '4', own = ''] = process.argv.slice(2);

/** Answers each job with its seconds. */
async function serve(threads: number): Promise<void> {
  const { simd } = await startEngine('wasm', threads, 'auto');
  const network = networkNamed(name);
  const image = randomImages(1);
  const compiled = await compile(network);
  const run: Readonly<Record<Job, () => Promise<void>>> = {
    inference: async () => {
      const [output] = [compiled(image)].flat();
      await output!.data();
      output!.dispose();
    },
    training: trainingStep(network, Number(batch)),
  };
  process.on('message', async (job: Job) => {
    await run[job](); // threads and caches are warm
    const times: number[] = [];
    for (let i = 0; i < PASSES[job]; i++) times.push(await seconds(run[job]));
    process.send!({ time: median(times), simd });
  });
  process.send!({ time: 0, simd });
}

async function compare(): Promise<void> {
  const peers = [1, Number(most)].map((threads) => {
    const child = fork(fileURLToPath(import.meta.url), [name, most, rounds, batch, String(threads)]);
    const answer = async (): Promise<{ time: number; simd: string }> => (await once(child, 'message'))[0];
    return { threads, child, answer };
  });
  for (const { answer } of peers) await answer();
  for (const job of ['inference', 'training'] as const) {
    const ratios: number[] = [];
    for (let round = 0; round < Number(rounds); round++) {
      const times: number[] = [];
      for (const { threads, child, answer } of peers) {
        const answered = answer();
        child.send(job);
        const { time, simd } = await answered;
        times.push(time);
        record('engine-threads', [{ network: name, job, batch: job === 'training' ? batch : 1, simd, round, threads, seconds: time.toFixed(4) }]); // prettier-ignore
      }
      ratios.push(times[0]! / times[1]!);
    }
    console.log(`${name}, ${job}: ${most} threads ${median(ratios).toFixed(2)} times as fast as one`);
  }
  for (const { child } of peers) child.kill();
}

await (own === '' ? compare() : serve(Number(own)));
