import { formatEngine, useEngine } from '../engines';
import { takeOver } from '../handover/node';
import { savePoseModelFile } from '../models/node';
import { readArguments } from './arguments';
import type { Command } from './command';
import { oneOf } from './options';

export const takeoverUsage: string = `poseblocks takeover DIR|FILE.keras [options]

Makes a pose model of what train.py trained: checks the weights, gathers groups again, and writes codec, normalisation and the
run's provenance beside them. A run under way, or cut off, can be taken over too.

  DIR                       that poseblocks handover wrote, or a run's folder
  --which best|last         the best epoch or the last checkpoint (default: best, if an epoch is done)
  --handover DIR            that the file belongs to, if it lies elsewhere
  --out FILE                (default: run/best.safetensors, run/last.safetensors or FILE.safetensors)
  --engine NAME             (default: auto)`;

/** The command `poseblocks takeover`. */
export const takeoverCommand: Command = async (args, io) => {
  const { values, positionals } = readArguments(
    'takeover',
    args,
    {
      which: { type: 'string' },
      handover: { type: 'string' },
      out: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
    },
    1,
  );
  if (values.help) {
    io.print(takeoverUsage);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new Error(
      `takeover: one folder or file must be given. Received: ${positionals.length}. poseblocks takeover --help says more.`,
    );
  }
  const which = values.which === undefined ? undefined : oneOf('takeover', values.which, ['best', 'last'], '--which');
  io.warn(formatEngine(await useEngine(values.engine as Parameters<typeof useEngine>[0])));
  const model = await takeOver(path, {
    ...(which && { which }),
    ...(values.handover !== undefined && { handover: values.handover }),
  });
  try {
    const { training, metrics } = model.provenance as { training: { step: number; epoch: number; source: string }; metrics?: Record<string, number> }; // prettier-ignore
    const out = values.out ?? training.source.replace(/\.keras$/, '.safetensors');
    await savePoseModelFile(out, model);
    const figures = Object.entries(metrics ?? {}).map(([name, value]) => `, ${name} ${value.toFixed(4)}`);
    io.print(`${out}: after ${training.step} steps, ${training.epoch} epochs${figures.join('')}.`);
    return 0;
  } finally {
    model.network.dispose();
  }
};
