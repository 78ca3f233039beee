/** @throws Error naming the command, the option and the choices. */
export function oneOf<T extends string>(command: string, value: string, choices: readonly T[], option: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new Error(`${command}: ${option} must be one of ${choices.join(', ')}. Received: ${value}.`);
  }
  return found;
}
