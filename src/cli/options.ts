/** @throws Error naming the command, the option and the choices. */
export function oneOf<T extends string>(command: string, value: string, choices: readonly T[], option: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new Error(`${command}: ${option} must be one of ${choices.join(', ')}. Received: ${value}.`);
  }
  return found;
}

/** `192x256` as [192, 256]; undefined for anything else, and for a side of 0. */
export function parseSize(text: string): readonly [width: number, height: number] | undefined {
  const [, width = 0, height = 0] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number);
  return width > 0 && height > 0 ? [width, height] : undefined;
}
