import { main } from 'poseblocks/cli';

/** Runs a command of `poseblocks` in this process: its exit code and what it printed. */
export async function runCommand(
  args: readonly string[],
  onPrint: (line: string) => void = () => undefined,
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const print = (line: string): void => {
    out.push(line);
    onPrint(line);
  };
  const code = await main(args, { print, warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
