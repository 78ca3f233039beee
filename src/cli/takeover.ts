import { formatEngine, useEngine } from '../engines';
import { takeOver } from '../handover/node';
import { savePoseModelFile } from '../models/node';
import { readArguments } from './arguments';
import type { Command } from './command';
import { oneOf } from './options';

export const takeoverUsage: string = `poseblocks takeover DIR|FILE.keras [options]

Makes a pose model from a network that train.py trained: checks the weights, restores grouped convolutions, and adds codec,
normalisation and the provenance of the run. Also works for a run that is still training or was interrupted.

  DIR                       the folder that poseblocks handover wrote, or the folder of a run in it
  --which best|last         weights of the best epoch or of the last checkpoint (default: best, if an epoch is finished)
  --handover DIR            the hand-over folder, if the file is outside it
  --out FILE                output file (default: run/best.safetensors, run/last.safetensors or FILE.safetensors)
  --engine NAME             engine that checks the network (default: auto)`;

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
      `takeover: one folder or file must be given. Received: ${positionals.length}. poseblocks takeover --help lists the options.`,
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
    if (values.json) {
      io.print(JSON.stringify({ file: out, steps: training.step, epochs: training.epoch, metrics: metrics ?? {} }));
      return 0;
    }
    const shown = Object.entries(metrics ?? {}).map(([name, value]) => `, ${name} ${value.toFixed(4)}`);
    io.print(`${out}: ${training.step} steps, ${training.epoch} epochs${shown.join('')}.`);
    return 0;
  } finally {
    model.network.dispose();
  }
};
