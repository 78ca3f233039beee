/** A growing float64 column: one number per record. */
export class Numbers {
  data: Float64Array;
  length = 0;

  constructor(capacity = 16) {
    this.data = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Float64Array(2 * this.data.length);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }

  /** The records as one array: a view, valid until the next push. */
  view(): Float64Array {
    return this.data.subarray(0, this.length);
  }
}
