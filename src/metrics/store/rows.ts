const rowsPerChunk = 8192;
const shift = Math.log2(rowsPerChunk);

/**
 * A growing table of float64 rows of equal width. Rows live in chunks that never move, so a million poses are stored
 * without the doubled peak of an array that is copied as it grows.
 */
export class Rows {
  readonly width: number;
  readonly chunks: Float64Array[] = [];
  length = 0;

  constructor(width: number) {
    this.width = width;
  }

  /** Makes room for one more row, zeros or what a truncated row left; write it through {@link chunk} and {@link offset}. */
  add(): number {
    const row = this.length++;
    const index = row >> shift;
    if (index === this.chunks.length) {
      // The first chunk starts small: most evaluations hold few rows.
      this.chunks.push(new Float64Array(this.width * (index === 0 ? 8 : rowsPerChunk)));
    } else if (index === 0 && (row + 1) * this.width > this.chunks[0]!.length) {
      const grown = new Float64Array(Math.min(2 * this.chunks[0]!.length, this.width * rowsPerChunk));
      grown.set(this.chunks[0]!);
      this.chunks[0] = grown;
    }
    return row;
  }

  pushRow(values: ArrayLike<number>): void {
    const row = this.add();
    this.chunk(row).set(values, this.offset(row));
  }

  /** The chunk that holds a row. */
  chunk(row: number): Float64Array {
    return this.chunks[row >> shift]!;
  }

  /** Where the row starts in its {@link chunk}. */
  offset(row: number): number {
    return (row & (rowsPerChunk - 1)) * this.width;
  }

  /** One row, as a view. */
  row(row: number): Float64Array {
    const start = this.offset(row);
    return this.chunk(row).subarray(start, start + this.width);
  }
}
