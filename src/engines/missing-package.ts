/**
 * Handler for a failed import of an optional package: `await import('sharp').catch(missingPackage("useEngine('wasm')", …))`.
 * Throws the install command when the package is absent, and passes every other failure on.
 *
 * @param where the call, for the error.
 * @param name the package that was imported.
 * @param install the arguments of `npm install`. Default: the package's name.
 */
export function missingPackage(where: string, name: string, install: string = name): (cause: unknown) => never {
  return (cause) => {
    if (!isNotFound(cause, name)) throw cause;
    throw new Error(`${where}: the optional package '${name}' is not installed. Run: npm install ${install}`, {
      cause,
    });
  };
}

function isNotFound(cause: unknown, name: string): boolean {
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  const missing =
    /^(ERR_)?MODULE_NOT_FOUND$/.test(code) || /cannot find|could not resolve|failed to resolve/i.test(cause.message);
  return missing && cause.message.includes(name);
}
