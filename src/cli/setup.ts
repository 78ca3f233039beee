import { readArguments } from './arguments';
import type { Command } from './command';
import { setupTfjsNode } from '../engines/node';

export const setupUsage = `poseblocks setup tfjs-node [options]

Builds the native addon of tfjs-node against a current TensorFlow from a Python wheel.
Run first: npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 node-api-headers

  --gpu              set up @tensorflow/tfjs-node-gpu with TensorFlow for CUDA
  --wheel WHEEL      the wheel that pip installs: a requirement or a file (default: tensorflow-cpu)
  --tensorflow DIR   an unpacked TensorFlow (site-packages/tensorflow) to use, not a wheel
  --python PROGRAM   Python to run pip with (default: python3)
  --compiler PROGRAM C++ compiler (default: c++)`;

/** The command `poseblocks setup`. */
export const setupCommand: Command = async (args, io) => {
  const { values, positionals } = readArguments(
    'setup',
    args,
    {
      gpu: { type: 'boolean' },
      wheel: { type: 'string' },
      tensorflow: { type: 'string' },
      python: { type: 'string' },
      compiler: { type: 'string' },
    },
    Infinity,
  );
  if (values.help) {
    io.print(setupUsage);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'tfjs-node') {
    throw new Error(
      `setup: the argument must be tfjs-node. Received: ${positionals.join(' ') || 'nothing'}. poseblocks setup --help lists the options.`,
    );
  }
  const { gpu, wheel, tensorflow, python, compiler } = values;
  const report = await setupTfjsNode({
    ...(gpu && { package: '@tensorflow/tfjs-node-gpu' }),
    ...(wheel !== undefined && { wheel }),
    ...(tensorflow !== undefined && { tensorflow }),
    ...(python !== undefined && { python }),
    ...(compiler !== undefined && { compiler }),
    onProgress: values.json ? io.warn : io.print,
  });
  io.print(values.json ? JSON.stringify(report) : `TensorFlow ${report.version} runs under tfjs-node (${report.addon})`); // prettier-ignore
  return 0;
};
