/** Choices that outlive a visit. */
export function setting<T extends string>(name: string, otherwise: T): { value: T } {
  const key = `poseblocks-studio.${name}`;
  let value = otherwise;
  try {
    value = (localStorage.getItem(key) as T | null) ?? otherwise;
  } catch {
    // Without storage, choices last as long as the page.
  }
  return {
    get value() {
      return value;
    },
    set value(next: T) {
      value = next;
      try {
        localStorage.setItem(key, next);
      } catch {
        // As above.
      }
    },
  };
}
