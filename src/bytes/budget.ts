/** @internal The limit on reading one file, in bytes of memory or in steps: a multiple of the file's size, so that a small file cannot ask for much. */
export class Budget {
  private readonly where: string;
  /** Explanation of the limit in errors: `8 times the file`. */
  private readonly meaning: string;
  private left: number;

  private readonly error: new (message: string) => Error;

  /** @param error class of its errors. Default: RangeError. */
  constructor(where: string, limit: number, meaning: string, error: new (message: string) => Error = RangeError) {
    this.error = error;
    this.where = where;
    this.left = limit;
    this.meaning = meaning;
  }

  /**
   * Takes an amount from the remaining budget.
   *
   * @throws RangeError when the budget is too small; nothing has been allocated by then.
   */
  spend(amount: number, what: string): void {
    if (!(amount <= this.left)) {
      throw new this.error(
        `${this.where}: ${what} must fit into the limit of the file, ${this.meaning}. Received: ${amount}, with ${this.left} left.`,
      );
    }
    this.left -= amount;
  }
}

/** The minimum budget, also of small files. */
const FLOOR = 2 ** 20;

/** @internal The limit on numbers of a file in single precision: each byte can be a number, stored once in its order and once reordered. */
export const numbersBudget = (where: string, fileBytes: number): Budget =>
  new Budget(where, 8 * fileBytes + FLOOR, `8 times its size`);

/** The limit on the decompressed data of a file. */
export const unpackedBudget = (where: string, fileBytes: number): Budget =>
  new Budget(where, 16 * fileBytes + 16 * FLOOR, `16 times its size`);
