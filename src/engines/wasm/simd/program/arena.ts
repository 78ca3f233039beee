/** Memory that the values of a program share: a freed range is reused by the next value that fits. */
export class Arena {
  private readonly free: { from: number; to: number }[] = [];
  private end = 0;

  /** Total bytes of all values. */
  get bytes(): number {
    return this.end;
  }

  take(bytes: number): number {
    const size = 64 * Math.ceil(bytes / 64);
    const at = this.free.findIndex(({ from, to }) => to - from >= size);
    if (at < 0) {
      this.end += size;
      return this.end - size;
    }
    const range = this.free[at]!;
    const from = range.from;
    range.from += size;
    if (range.from === range.to) this.free.splice(at, 1);
    return from;
  }

  give(from: number, bytes: number): void {
    const range = { from, to: from + 64 * Math.ceil(bytes / 64) };
    for (const other of [...this.free]) {
      if (other.to !== range.from && other.from !== range.to) continue;
      range.from = Math.min(range.from, other.from);
      range.to = Math.max(range.to, other.to);
      this.free.splice(this.free.indexOf(other), 1);
    }
    this.free.push(range);
  }
}
