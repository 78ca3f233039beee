/**
 * LPN-50 and HRNet-W32 on WebGPU in Node beside PyTorch eager on the same GPU: inference and a training step (Adam), engine by engine in turns.
 * `run.sh` runs it and says how; rows go to throughput.csv and kernels.csv of the folder that it is given.
 */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../measure';
import { Peer } from './peer';
import type { Calls, Case, Commands, Description, Kernel, Started } from './protocol';

const [folder = '.'] = process.argv.slice(2);
const setting = (key: string, usual: string): string => process.env[key] ?? usual;
const list = (key: string, usual: string): string[] => setting(key, usual).split(',');
const [height, width] = setting('SIZE', '256x192').split('x').map(Number) as [number, number];
const rounds = Number(setting('ROUNDS', '7'));
const roundSeconds = Number(setting('ROUND_SECONDS', '0.3'));
const caseMs = 1000 * Number(setting('CASE_SECONDS', '60'));
const end = performance.now() + 1000 * Number(setting('TOTAL_SECONDS', '215'));

const here = dirname(fileURLToPath(import.meta.url));
const webgpu = new Peer(process.execPath, join(here, 'webgpu-peer.mjs'));
const pytorch = new Peer(setting('PYTHON', 'python3'), join(here, 'torch_gpu_peer.py'));

function record(file: string, row: Readonly<Record<string, string | number>>): void {
  appendFileSync(join(folder, `${file}.csv`), `${Object.values(row).map((value) => String(value).replace(/[,\n]/g, ';')).join()}\n`); // prettier-ignore
}

appendFileSync(join(folder, 'throughput.csv'), 'network,pass,batch,size,engine,device,parameters,calls,first_ms,median_ms,people_per_s,encode_ms,dispatches,submits,upload_bytes,error\n'); // prettier-ignore
appendFileSync(join(folder, 'kernels.csv'), 'network,pass,batch,engine,program,dispatches,ms\n');

/** What one engine has shown in a case. */
interface Measured {
  readonly peer: Peer;
  readonly engine: string;
  readonly parameters: number;
  readonly first_ms: number;
  readonly ms: number[];
  commands?: Commands | undefined;
  error?: string;
}

async function measure(test: Case, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  const left = (): number => Math.max(until - performance.now(), 0);
  const measured: Measured[] = [];
  for (const peer of [pytorch, webgpu]) measured.push(...(await start(peer, test, 0.7 * left()))); // in turns: cuDNN chooses by time
  for (let round = 0, longest = 0; round < rounds && left() > 1.5 * longest; round++) {
    const from = left();
    for (const each of measured) {
      if (each.error !== undefined) continue;
      try {
        const { ms, commands } = await each.peer.ask<Calls>({ do: 'run', engine: each.engine, seconds: roundSeconds }, left()); // prettier-ignore
        each.ms.push(...ms);
        each.commands = commands;
      } catch (error) {
        for (const other of measured) if (other.peer === each.peer) other.error ??= (error as Error).message;
      }
    }
    longest = Math.max(longest, from - left());
  }
  measured.forEach((each) => report(test, each));
  if (measured.some(({ peer, error }) => peer === webgpu && error === undefined))
    await reportKernels(test, left()).catch((error: Error) => console.log(`  no times of kernels: ${error.message}`));
}

async function start(peer: Peer, test: Case, limitMs: number): Promise<Measured[]> {
  const none = { peer, parameters: 0, first_ms: 0, ms: [] };
  try {
    if (limitMs < 3000) throw new Error('no time was left');
    const { engines, parameters, first_ms } = await peer.ask<Started>({ do: 'start', ...test }, limitMs);
    return engines.map((engine, i) => ({ peer, engine, parameters, first_ms: first_ms[i]!, ms: [] }));
  } catch (error) {
    return [{ ...none, engine: peer === webgpu ? 'webgpu' : 'pytorch', error: (error as Error).message }];
  }
}

function report(
  { network, pass, batch }: Case,
  { peer, engine, parameters, first_ms, ms, commands, error }: Measured,
): void {
  const middle = ms.length > 0 ? median(ms) : undefined;
  record('throughput', {
    network,
    pass,
    batch,
    size: `${height}x${width}`,
    engine,
    device: devices.get(peer) ?? '',
    parameters,
    calls: ms.length,
    first_ms: first_ms.toFixed(0),
    median_ms: middle?.toFixed(2) ?? '',
    people_per_s: middle === undefined ? '' : ((1000 * batch) / middle).toFixed(1),
    encode_ms: commands?.encode_ms.toFixed(2) ?? '',
    dispatches: commands?.dispatches ?? '',
    submits: commands?.submits ?? '',
    upload_bytes: commands?.upload_bytes.toFixed(0) ?? '',
    error: error ?? '',
  });
  console.log(
    `${network} ${pass}, batch ${batch}, ${engine}: ${middle?.toFixed(2) ?? '-'} ms of ${ms.length} calls ${error ?? ''}`,
  );
}

async function reportKernels({ network, pass, batch }: Case, limitMs: number): Promise<void> {
  const { engine, kernels } = await webgpu.ask<{ engine: string; kernels: Kernel[] }>({ do: 'kernels' }, limitMs);
  for (const { program, dispatches, ms } of kernels)
    record('kernels', { network, pass, batch, engine, program, dispatches, ms: ms.toFixed(3) });
}

const devices = new Map<Peer, string>();
for (const peer of [webgpu, pytorch]) {
  const { device, software } = await peer.ask<Description>({ do: 'describe' }, 120_000);
  devices.set(peer, device);
  console.log(device);
  if (software && process.env['ALLOW_SOFTWARE'] === undefined) throw new Error(`not a GPU: ${device}`);
}
const cases = list('NETWORKS', 'lpn-50,hrnet-w32').flatMap((network) =>
  list('BATCHES', '1,32').flatMap((batch) =>
    list('PASSES', 'inference,training').map(
      (pass) => ({ network, pass, batch: Number(batch), height, width }) as Case,
    ),
  ),
);
for (const [i, test] of cases.entries()) {
  if (test.network !== cases[i - 1]?.network) webgpu.end(); // with the memory that it keeps for tensors of the same sizes
  const left = end - performance.now();
  await measure(test, Math.min(caseMs, left, (2 * left) / (cases.length - i)));
}
for (const peer of [webgpu, pytorch]) peer.end();
