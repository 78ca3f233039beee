/**
 * Emscripten builds tfjs-backend-wasm. In Node it installs process-wide handlers that rethrow errors,
 * and disposing it removes all handlers, including the user's. These two functions undo both.
 */
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;
type Handler = (...args: unknown[]) => void;

const EMSCRIPTEN =
  /^function\s*\((ex|reason)\)\s*\{\s*(if\s*\(!\(ex instanceof ExitStatus\)\)\s*\{\s*)?throw (ex|reason);?\s*\}?\s*\}$/;

/** Removes the handlers that Emscripten installed. Does nothing outside Node. */
export function removeEmscriptenHandlers(): void {
  if (!hasHandlers()) return;
  for (const event of EVENTS) {
    for (const handler of handlersOf(event))
      if (EMSCRIPTEN.test(String(handler))) process.removeListener(event, handler);
  }
}

/** Runs an action and restores the handlers that it removed. */
export function keepHandlers(action: () => void): void {
  if (!hasHandlers()) return action();
  const before = EVENTS.map(handlersOf);
  action();
  EVENTS.forEach((event, index) => {
    const after = handlersOf(event);
    for (const handler of before[index]!) if (!after.includes(handler)) process.on(event, handler);
  });
}

/** Whether a process with handlers exists; the substitutes of bundlers in a page are incomplete. */
function hasHandlers(): boolean {
  return typeof process !== 'undefined' && typeof process.rawListeners === 'function';
}

function handlersOf(event: (typeof EVENTS)[number]): Handler[] {
  return process.rawListeners(event) as Handler[];
}
