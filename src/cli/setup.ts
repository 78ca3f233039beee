import { readArguments } from './arguments';
import { setupTfjsNode } from '../engines/node';

export const setupUsage = `poseblocks setup tfjs-node [options]

Builds the native addon of tfjs-node against a current TensorFlow from a Python wheel.
Run first: npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 node-api-headers

  --gpu              set up @tensorflow/tfjs-node-gpu with TensorFlow for CUDA
  --wheel WHEEL      the wheel that pip installs: a requirement or a file (default: tensorflow-cpu)
  --tensorflow DIR   an unpacked TensorFlow (site-packages/tensorflow) to use, not a wheel
  --python PROGRAM   Python to run pip with (default: python3)
  --compiler PROGRAM C++ compiler (default: c++)`;

/**
 * The command `poseblocks setup`.
 *
 * @param args the arguments after `setup`.
 * @param print prints a line.
 * @throws Error on wrong arguments, and where a step fails.
 */
export async function setup(args: readonly string[], print: (line: string) => void): Promise<void> {
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
  if (values.help) return print(setupUsage);
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
    onProgress: print,
  });
  print(`TensorFlow ${report.version} runs under tfjs-node (${report.addon})`);
}
