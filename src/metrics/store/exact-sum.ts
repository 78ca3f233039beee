/**
 * A sum without rounding error: the same number for any order of additions and merges, to the last bit. It stores
 * non-overlapping partial sums (J. R. Shewchuk, Adaptive precision floating-point arithmetic, 1997; as Python's math.fsum).
 */
export class ExactSum {
  private partials: number[];

  constructor(partials: readonly number[] = []) {
    this.partials = [...partials];
  }

  add(value: number): void {
    let rest = value;
    let kept = 0;
    for (const partial of this.partials) {
      const [large, small] = Math.abs(rest) < Math.abs(partial) ? [partial, rest] : [rest, partial];
      const sum = large + small;
      const error = small - (sum - large);
      if (error !== 0) this.partials[kept++] = error;
      rest = sum;
    }
    this.partials.length = kept;
    if (rest !== 0) this.partials.push(rest);
  }

  merge(other: ExactSum): void {
    for (const partial of other.partials) this.add(partial);
  }

  /** The exact sum, rounded once. */
  value(): number {
    const { partials } = this;
    let i = partials.length - 1;
    let high = partials[i] ?? 0;
    let low = 0;
    while (i > 0) {
      const [before, next] = [high, partials[--i]!];
      high = before + next;
      low = next - (high - before);
      if (low !== 0) break;
    }
    // Ties: the next partial sum decides the rounding.
    if (i > 0 && ((low < 0 && partials[i - 1]! < 0) || (low > 0 && partials[i - 1]! > 0))) {
      const twice = low * 2;
      const rounded = high + twice;
      if (twice === rounded - high) return rounded;
    }
    return high;
  }

  /** Numbers from which {@link ExactSum} can be restored. */
  toJSON(): readonly number[] {
    return [...this.partials];
  }
}
