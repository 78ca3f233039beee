/** @internal What reading one file may spend, in bytes of memory or in steps: a multiple of the file's size, so that a small file cannot ask for much. */
export class Budget {
  private readonly where: string;
  /** What the limit stands for, for errors: `8 times the file`. */
  private readonly meaning: string;
  private left: number;

  private readonly error: new (message: string) => Error;

  /** @param error the class of its errors, where that is not RangeError. */
  constructor(where: string, limit: number, meaning: string, error: new (message: string) => Error = RangeError) {
    this.error = error;
    this.where = where;
    this.left = limit;
    this.meaning = meaning;
  }

  /**
   * Takes from what is left.
   *
   * @throws RangeError when that is not enough; nothing has been allocated by then.
   */
  spend(amount: number, what: string): void {
    if (!(amount <= this.left)) {
      throw new this.error(
        `${this.where}: ${what} must fit into what the file may take, ${this.meaning}. Received: ${amount}, with ${this.left} left.`,
      );
    }
    this.left -= amount;
  }
}

/** Small files may take this much whatever they hold. */
const FLOOR = 2 ** 20;

/** @internal What the numbers of a file may take in single precision: each byte can be a number, and be kept once as it is and once in another order. */
export const numbersBudget = (where: string, fileBytes: number): Budget =>
  new Budget(where, 8 * fileBytes + FLOOR, `8 times its size`);

/** What the compressed parts of a file may take unpacked. */
export const unpackedBudget = (where: string, fileBytes: number): Budget =>
  new Budget(where, 16 * fileBytes + 16 * FLOOR, `16 times its size`);
