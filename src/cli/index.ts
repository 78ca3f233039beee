import { readFile } from 'node:fs/promises';
import { nearestName, printableLines } from '../bytes';
import type { Command, Terminal } from './command';

/** Each subcommand is a file, loaded when it is called. */
const commands: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<Command> }>> = {
  compare: { what: 'networks side by side', load: async () => (await import('./compare')).compareCommand },
  doctor: { what: 'finds mistakes in annotations', load: async () => (await import('./doctor')).doctorCommand },
  eval: { what: 'COCO figures of results', load: async () => (await import('./eval')).evalCommand },
  export: { what: 'writes a model for other software', load: async () => (await import('./export')).exportCommand },
  handover: {
    what: 'writes a folder to train from with Keras on JAX',
    load: async () => (await import('./handover')).handoverCommand,
  },
  predict: {
    what: 'finds people’s keypoints in pictures and videos',
    load: async () => (await import('./predict')).predictCommand,
  },
  preview: { what: 'draws what training sees', load: async () => (await import('./preview')).previewCommand },
  reproduce: { what: 'the rows of a paper’s table', load: async () => (await import('./reproduce')).reproduceCommand },
  train: { what: 'trains by a paper’s recipe', load: async () => (await import('./train')).trainCommand },
  takeover: {
    what: 'brings back what was trained there',
    load: async () => (await import('./takeover')).takeoverCommand,
  },
  setup: { what: 'builds tfjs-node’s addon', load: async () => plain((await import('./setup')).setup) },
};

/** Names of files may hold what a terminal would obey: it is shown, not sent. */
const terminal: Terminal = {
  print: (line) => process.stdout.write(`${printableLines(line)}\n`),
  warn: (line) => process.stderr.write(`${printableLines(line)}\n`),
};

/**
 * The command `poseblocks`. Exit codes, as docs/command-line.md has them: 0 — done; 1 — done, with something to look at, or a run was ended; 2 — wrong arguments or input.
 *
 * @param argv what follows the program's name.
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
      'poseblocks COMMAND --help says more; --json prints what programs read; poseblocks --version.',
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
    const meant = nearest === undefined ? 'poseblocks --help says what each does.' : `Did you mean ${nearest}?`;
    io.warn(`poseblocks: COMMAND must be one of ${Object.keys(commands).join(', ')}. Received: ${name ?? 'nothing'}. ${meant}`); // prettier-ignore
    return 2;
  }
  try {
    return await (
      await command.load()
    )(rest, io);
  } catch (error) {
    // The first line says what and what to do; what follows in messages of other packages is theirs.
    io.warn((error instanceof Error ? error.message : String(error)).split('\n')[0]!);
    return 2;
  }
}

/** Of the package: its manifest lies two folders above, beside `src` and beside `dist` alike. */
async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }; // prettier-ignore
  return manifest.version;
}

/** A command that reports failure by throwing. */
function plain(run: (args: readonly string[], print: (line: string) => void) => Promise<void>): Command {
  return async (args, io) => {
    await run(args, io.print);
    return 0;
  };
}
