const rowsPerChunk = 8192;
const shift = Math.log2(rowsPerChunk);

/**
 * A growing table of float64 rows of equal width. Rows are stored in chunks that never move, so storing a million poses does not
 * need the doubled peak of an array that is copied as it grows.
 */
export class Rows {
  readonly width: number;
  readonly chunks: Float64Array[] = [];
  length = 0;

  constructor(width: number) {
    this.width = width;
  }

  /** Adds one row, of zeros or the contents of a truncated row; write it through {@link chunk} and {@link offset}. */
  add(): number {
    const row = this.length++;
    const index = row >> shift;
    if (index === this.chunks.length) {
      // The first chunk is small: most evaluations have few rows.
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

  /** The chunk of a row. */
  chunk(row: number): Float64Array {
    return this.chunks[row >> shift]!;
  }

  /** The start of the row in its {@link chunk}. */
  offset(row: number): number {
    return (row & (rowsPerChunk - 1)) * this.width;
  }

  /** One row, as a view. */
  row(row: number): Float64Array {
    const start = this.offset(row);
    return this.chunk(row).subarray(start, start + this.width);
  }
}
