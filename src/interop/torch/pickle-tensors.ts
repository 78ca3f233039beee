/** A tensor of a checkpoint: its numbers are in `data/KEY` of the archive. */
export interface PickledTensor {
  readonly key: string;
  readonly shape: readonly number[];
  /** PyTorch's storage class: `FloatStorage`, `HalfStorage`. */
  readonly storage: string;
}

/** Writes the few instructions of pickle's protocol 2 that a state dict needs. */
class Writer {
  private readonly parts: number[] = [0x80, 2];
  bytes = (): Uint8Array => Uint8Array.from(this.parts);
  op = (...codes: number[]): void => void this.parts.push(...codes);

  global(module: string, name: string): void {
    this.op(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`));
  }
  text(value: string): void {
    const utf8 = new TextEncoder().encode(value);
    this.op(0x58, ...uint32(utf8.length), ...utf8);
  }
  /** Sizes are below 2³¹: JavaScript has no array for a larger tensor. */
  int(value: number): void {
    this.op(0x4a, ...uint32(value));
  }
  tuple(values: readonly number[]): void {
    this.op(0x28);
    values.forEach((value) => this.int(value));
    this.op(0x74);
  }
}

const uint32 = (value: number): number[] => [value, value >>> 8, value >>> 16, value >>> 24].map((byte) => byte & 255);
const [EMPTY_DICT, MARK, TUPLE, PERSISTENT, REDUCE, SET_ITEMS, FALSE, EMPTY_TUPLE, STOP] = [0x7d, 0x28, 0x74, 0x51, 0x52, 0x75, 0x89, 0x29, 0x2e]; // prettier-ignore

/**
 * The `data.pkl` of a state dict as `torch.save` writes it: a dictionary of tensors by name, each made by `torch._utils._rebuild_tensor_v2` from a storage, the only
 * function that `torch.load(weights_only=True)` needs to allow. Row-major, on the CPU.
 */
export function pickleTensors(tensors: Readonly<Record<string, PickledTensor>>): Uint8Array {
  const out = new Writer();
  out.op(EMPTY_DICT, MARK);
  for (const [name, { key, shape, storage }] of Object.entries(tensors)) {
    const count = shape.reduce((a, b) => a * b, 1);
    out.text(name);
    out.global('torch._utils', '_rebuild_tensor_v2');
    out.op(MARK);
    out.op(MARK);
    out.text('storage');
    out.global('torch', storage);
    out.text(key);
    out.text('cpu');
    out.int(count);
    out.op(TUPLE, PERSISTENT);
    out.int(0);
    out.tuple(shape);
    out.tuple(shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)));
    out.op(FALSE);
    out.global('collections', 'OrderedDict');
    out.op(EMPTY_TUPLE, REDUCE, TUPLE, REDUCE);
  }
  out.op(SET_ITEMS, STOP);
  return out.bytes();
}
