/** Tasks of a view one after the other, so that no model is closed while it looks at a picture. */
export function turns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => undefined); // whoever waits for the task is told
    return next;
  };
}
