import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const USAGE = `npm run demo -- [options]
  --images DIR         photographs; with --annotations. Default: synthetic people
  --annotations FILE   COCO keypoint annotations of them
  --out DIR            where results go (default: out/demo)
  --network NAME       lpn-small, lpn-50, lpn-101 or lpn-152 (default: lpn-small, which begins with the shipped weights)
  --weights FILE       what lpn-small begins with (default: weights/lpn-small-leeds.safetensors)
  --scratch            begin with random weights
  --steps N            optimiser steps (default: 180 on photographs that it is trained on, 170 on synthetic people, 300 otherwise)
  --seed N             of weights, order and synthetic people (default: 1)
  --engine NAME        auto, wasm, webgpu, tfjs-node, cuda or cpu (default: auto)`;

export interface DemoOptions {
  readonly images?: string;
  readonly annotations?: string;
  readonly out: string;
  readonly network: string;
  readonly scratch: boolean;
  readonly weights: string;
  readonly steps?: number;
  readonly seed: number;
  readonly engine: string;
}

/** The command line, checked. Prints the usage and exits for --help, or when something is wrong. */
export function readOptions(argv: readonly string[]): DemoOptions {
  const text = { type: 'string' } as const;
  const options = {
    images: text,
    annotations: text,
    out: text,
    network: text,
    steps: text,
    seed: text,
    engine: text,
    weights: text,
  };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...options, scratch: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) leave(USAGE, 0);
    if ((values.images === undefined) !== (values.annotations === undefined)) {
      throw new RangeError('--images and --annotations must be given together.');
    }
    const integer = (name: 'steps' | 'seed', least: number): number | undefined => {
      const value = values[name] === undefined ? undefined : Number(values[name]);
      if (value === undefined || (Number.isInteger(value) && value >= least)) return value;
      throw new RangeError(`--${name} must be an integer of at least ${least}. Received: ${values[name]}.`);
    };
    const steps = integer('steps', 1);
    return {
      ...(values.images !== undefined && { images: values.images }),
      ...(values.annotations !== undefined && { annotations: values.annotations }),
      out: values.out ?? 'out/demo',
      network: values.network ?? 'lpn-small',
      scratch: values.scratch ?? false,
      weights: values.weights ?? fileURLToPath(new URL('../../weights/lpn-small-leeds.safetensors', import.meta.url)),
      ...(steps !== undefined && { steps }),
      seed: integer('seed', 0) ?? 1,
      engine: values.engine ?? 'auto',
    };
  } catch (error) {
    return leave(`demo: ${(error as Error).message}\n\n${USAGE}`, 2);
  }
}

function leave(message: string, code: number): never {
  (code === 0 ? console.log : console.error)(message);
  process.exit(code);
}
