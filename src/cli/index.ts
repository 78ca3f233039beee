import { readFile } from 'node:fs/promises';
import { nearestName, printableLines } from '../bytes';
import type { Command, Terminal } from './command';

/** Each subcommand is a file that is loaded when it is called. */
const commands: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<Command> }>> = {
  compare: {
    what: 'compare networks by size, speed and accuracy',
    load: async () => (await import('./compare')).compareCommand,
  },
  doctor: { what: 'find mistakes in annotations', load: async () => (await import('./doctor')).doctorCommand },
  eval: {
    what: 'evaluate results by COCO metrics, PCK and others',
    load: async () => (await import('./eval')).evalCommand,
  },
  export: {
    what: 'convert a model to ONNX, Keras, PyTorch or TensorFlow.js',
    load: async () => (await import('./export')).exportCommand,
  },
  handover: {
    what: 'write a folder for training with Keras on JAX',
    load: async () => (await import('./handover')).handoverCommand,
  },
  predict: {
    what: 'find keypoints of people in images and videos',
    load: async () => (await import('./predict')).predictCommand,
  },
  preview: {
    what: 'draw crops and targets as training uses them',
    load: async () => (await import('./preview')).previewCommand,
  },
  reproduce: {
    what: 'run the rows of a paper’s table',
    load: async () => (await import('./reproduce')).reproduceCommand,
  },
  train: { what: 'train by the recipe of a paper', load: async () => (await import('./train')).trainCommand },
  takeover: {
    what: 'import a model that was trained by handover',
    load: async () => (await import('./takeover')).takeoverCommand,
  },
  setup: { what: 'build the native addon of tfjs-node', load: async () => (await import('./setup')).setupCommand },
};

/** File names may contain control sequences of terminals, which are printed as text. */
const terminal: Terminal = {
  print: (line) => process.stdout.write(`${printableLines(line)}\n`),
  warn: (line) => process.stderr.write(`${printableLines(line)}\n`),
};

/**
 * The command `poseblocks`. Exit codes, as in docs/command-line.md: 0 for success; 1 for success with findings, or a run that was stopped; 2 for wrong arguments or input.
 *
 * @param argv the arguments after the program's name.
 * @example process.exitCode = await main(process.argv.slice(2));
 */
export async function main(argv: readonly string[], io: Terminal = terminal): Promise<number> {
  const [name, ...rest] = argv;
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (!command) {
    const list = Object.entries(commands).map(([key, { what }]) => `  ${key.padEnd(9)} ${what}`);
    const usage = [
      'poseblocks COMMAND [options]',
      '',
      ...list,
      '',
      'poseblocks COMMAND --help lists the options of a command. --json prints JSON. poseblocks --version prints the version.',
    ].join('\n');
    if (name === '--help' || name === '-h' || name === 'help') {
      io.print(usage);
      return 0;
    }
    if (name === '--version' || name === '-v') {
      io.print(await version());
      return 0;
    }
    const nearest = name === undefined ? undefined : nearestName(name, Object.keys(commands));
    const meant = nearest === undefined ? 'poseblocks --help lists the commands.' : `Did you mean ${nearest}?`;
    io.warn(`poseblocks: COMMAND must be one of ${Object.keys(commands).join(', ')}. Received: ${name ?? 'nothing'}. ${meant}`); // prettier-ignore
    return 2;
  }
  try {
    return await (
      await command.load()
    )(rest, io);
  } catch (error) {
    // The first line states the error and its remedy; further lines are details of other packages.
    io.warn((error instanceof Error ? error.message : String(error)).split('\n')[0]!);
    return 2;
  }
}

/** The version of the package, whose manifest is two folders above this file in `src` and in `dist`. */
async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }; // prettier-ignore
  return manifest.version;
}
