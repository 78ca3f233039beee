import { fill, h } from './dom';

const region = h('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
document.body.append(region);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something for a while, in words. */
export function say(text: string, kind: 'info' | 'error' = 'info'): void {
  const close = h(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': 'Close message', onclick: () => fill(region) },
    '×',
  );
  fill(region, h('p', { class: kind }, text, close));
  clearTimeout(timer);
  timer = setTimeout(() => fill(region), kind === 'error' ? 15_000 : 5_000);
}

/** An error in words that say what to do. */
export function sayError(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const known: Record<string, string> = {
    NotAllowedError:
      'The browser did not allow the camera. Allow it beside the address, then try again; or play the demo, or open photographs.',
    NotFoundError: 'No camera was found. Connect one, or play the demo, or open photographs.',
    NotReadableError: 'Another program is using the camera. Close it there, then try again.',
    AbortError: '',
  };
  const text = known[name] ?? message.replace(/^[\w.]+: /, (where) => where);
  if (text !== '') say(text, 'error');
}

/** Runs a task; what goes wrong is said. */
export function attempt(task: () => Promise<unknown> | unknown): void {
  Promise.resolve().then(task).catch(sayError);
}
