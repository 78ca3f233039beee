/** @internal Writes the wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): the subset that ONNX and TensorBoard need. */
export class ProtobufWriter {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  /** An integer field; negative integers take ten bytes, like int64. */
  int(field: number, value: number | bigint): this {
    return this.varint(field * 8).varint(BigInt.asUintN(64, BigInt(value)));
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    this.varint(field * 8 + 5);
    return this.append(new Uint8Array(new Float32Array([value]).buffer));
  }

  /** A 64-bit float field. */
  double(field: number, value: number): this {
    this.varint(field * 8 + 1);
    return this.append(new Uint8Array(new Float64Array([value]).buffer));
  }

  /** Bytes, a UTF-8 string or a nested message. */
  bytes(field: number, value: Uint8Array | string | ProtobufWriter): this {
    const bytes =
      typeof value === 'string'
        ? new TextEncoder().encode(value)
        : value instanceof ProtobufWriter
          ? value.finish()
          : value;
    this.varint(field * 8 + 2).varint(bytes.length);
    return this.append(bytes);
  }

  /** Packed integers in one field. */
  packedInts(field: number, values: readonly number[]): this {
    const inner = new ProtobufWriter();
    for (const value of values) inner.varint(BigInt.asUintN(64, BigInt(value)));
    return this.bytes(field, inner);
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  private varint(value: number | bigint): this {
    const bytes: number[] = [];
    let rest = BigInt(value);
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    return this.append(Uint8Array.from(bytes));
  }

  private append(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }
}

/** One field of a message: `value` is the number of a varint (rounded above 2⁵³), otherwise the bytes. */
export interface ProtobufField {
  readonly field: number;
  readonly value: number | Uint8Array;
}

/** A varint of at most ten bytes, and the position of the next byte; null when the bytes end before it does. */
function varintAt(bytes: Uint8Array, from: number): [value: number, next: number] | null {
  let [value, scale] = [0, 1];
  for (let at = from; at < bytes.length && at < from + 10; at++, scale *= 128) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
  }
  return null;
}

/**
 * @internal The fields of a message, in order.
 *
 * @throws RangeError when the bytes end early or are not a message.
 */
export function* readProtobuf(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const fail = (): never => {
    throw new RangeError(
      `readProtobuf: the bytes must be a complete message. Received: ${bytes.length} bytes, broken at ${at}.`,
    );
  };
  const varint = (): number => {
    const [value, next] = varintAt(bytes, at) ?? fail();
    at = next;
    return value;
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) fail();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const wire = key % 8;
    if (field === 0) fail();
    if (wire === 0) yield { field, value: varint() };
    else if (wire === 1) yield { field, value: take(8) };
    else if (wire === 2) yield { field, value: take(varint()) };
    else if (wire === 5) yield { field, value: take(4) };
    else fail();
  }
}

/**
 * @internal The varints of a packed field.
 *
 * @throws RangeError when the last one ends early.
 */
export function packedVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const found = varintAt(bytes, at);
    if (!found) throw new RangeError(`readProtobuf: packed numbers must be complete. Received: ${bytes.length} bytes, broken at ${at}.`); // prettier-ignore
    values.push(found[0]);
    at = found[1];
  }
  return values;
}
