/** The typed arrays of MATLAB numbers. */
export type MatArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A matrix of numbers or booleans, column by column (MATLAB's order). */
export interface MatNumeric {
  readonly kind: 'numeric';
  readonly shape: readonly number[];
  readonly data: MatArray;
  /** The imaginary parts of a complex matrix. */
  readonly imaginary?: MatArray;
  readonly logical: boolean;
}

/** A character array: one string per row. */
export interface MatText {
  readonly kind: 'text';
  readonly shape: readonly number[];
  readonly rows: readonly string[];
}

/** A cell array. Cells are decoded on request, so a large file does not need an equally large heap. */
export interface MatCell {
  readonly kind: 'cell';
  readonly shape: readonly number[];
  readonly length: number;
  /** The cell at a 0-based, column-major index. */
  readonly at: (index: number) => MatValue;
}

/** A struct array; its fields are decoded on request. */
export interface MatStruct {
  readonly kind: 'struct';
  readonly shape: readonly number[];
  readonly length: number;
  readonly fields: readonly string[];
  /** A field of the struct at a 0-based, column-major index; undefined when the field does not exist. */
  readonly at: (index: number, field: string) => MatValue | undefined;
}

/** Sparse matrices, function handles and objects of MATLAB classes: listed, not decoded. */
export interface MatOther {
  readonly kind: 'sparse' | 'function' | 'opaque';
  readonly shape: readonly number[];
}

/** A value of a MATLAB file. */
export type MatValue = MatNumeric | MatText | MatCell | MatStruct | MatOther;
