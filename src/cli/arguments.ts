import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestName } from '../bytes';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T & typeof COMMON; allowPositionals: true }>
>;

/** Options of every command. */
const COMMON = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** A text option, and a switch. */
export const text = { type: 'string' } as const;
export const flag = { type: 'boolean', default: false } as const;

/**
 * The options of a command, with `--json` and `--help`, which every command has.
 *
 * @param positionals maximum number of arguments without an option. @defaultValue 0
 * @throws Error of one line for an unknown option (with the nearest name), a missing value, or an argument too many.
 */
export function readArguments<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
  positionals: number = 0,
): Parsed<T> {
  const all = { ...options, ...COMMON };
  try {
    const parsed = parseArgs({ args: [...args], options: all, allowPositionals: true }) as Parsed<T>;
    if (parsed.positionals.length > positionals) {
      const word = parsed.positionals[positionals]!;
      throw new Error(`${command}: ${positionals === 0 ? 'each argument must belong to an option' : `at most ${positionals} ${positionals === 1 ? 'argument is' : 'arguments are'} allowed without an option`}. Received: ${word}.${advice(command)}`); // prettier-ignore
    }
    return parsed;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const given = /'(-[^']*)'/.exec(message)?.[1] ?? '';
      const nearest = nearestName(given.replace(/^-+/, ''), Object.keys(all));
      throw new Error(`${command}: the option must exist. Received: ${given}.${nearest === undefined ? advice(command) : ` Did you mean --${nearest}?`}`, { cause: error }); // prettier-ignore
    }
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
      const option = /--[\w-]+/.exec(message)?.[0] ?? 'an option';
      const given = args.find((word) => word.startsWith(`${option}=`)) ?? option;
      const must = /does not take an argument/.test(message) ? 'takes no value' : 'must be followed by a value';
      throw new Error(`${command}: ${option} ${must}. Received: ${given}.${advice(command)}`, { cause: error });
    }
    throw error;
  }
}

const advice = (command: string): string => ` poseblocks ${command} --help lists the options.`;

/** An option's number, validated; undefined where the option is absent. @throws Error naming command and option. */
export function numberOption(
  command: string,
  option: string,
  value: string | undefined,
  holds: (value: number) => boolean,
  what: string,
): number | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === '' || !holds(Number(value)))
    throw new Error(`${command}: ${option} must be ${what}. Received: ${value}.`);
  return Number(value);
}

export const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
export const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 0;
export const isShare = (value: number): boolean => value >= 0 && value <= 1;
export const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value);
