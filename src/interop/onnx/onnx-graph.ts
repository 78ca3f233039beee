import { ProtobufWriter, toFloat16 } from '../../bytes';
import { toInt8 } from '../safetensors/int8';

/** ONNX's numbers of element types. */
export const ElementType = { float32: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof ElementType;

/** How large constants are stored. */
export type WeightType = 'float32' | 'float16' | 'int8';

/** Integers are plain numbers; floats are wrapped. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes, or the name of a variable size. */
  readonly shape: readonly (number | string)[];
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const out = new ProtobufWriter().bytes(1, name);
  if (typeof value === 'number') return out.int(3, value).int(20, 2);
  if (typeof value === 'string') return out.bytes(4, value).int(20, 3);
  if ('float' in value) return out.float(2, value.float).int(20, 1);
  for (const each of value) out.int(8, each);
  return out.int(20, 7);
}

const rawBytes = (data: Float32Array | Uint16Array | Int8Array | BigInt64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function valueInfo({ name, type, shape }: OnnxValue): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    if (typeof size === 'string') dimension.bytes(2, size);
    else dimension.int(1, size);
    dimensions.bytes(1, dimension);
  }
  const tensor = new ProtobufWriter().int(1, ElementType[type]).bytes(2, dimensions);
  return new ProtobufWriter().bytes(1, name).bytes(2, new ProtobufWriter().bytes(1, tensor));
}

/** Collects nodes and constants of an ONNX model (github.com/onnx/onnx, onnx.proto3) and writes the file. */
export class OnnxGraph {
  private readonly nodes: ProtobufWriter[] = [];
  private readonly initializers: ProtobufWriter[] = [];
  private readonly constants = new Map<string, string>();
  private readonly shared = new Map<Float32Array, string>();
  private fresh = 0;

  private readonly weights: WeightType;

  /** @param weights how large constants are stored: as float16 with a cast before their use, or as int8 with a DequantizeLinear. */
  constructor({ weights = 'float32' }: { weights?: WeightType } = {}) {
    this.weights = weights;
  }

  /** Adds a node with one output, and returns the output's name. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output: string = this.name(type),
  ): string {
    const node = new ProtobufWriter();
    for (const input of inputs) node.bytes(1, input);
    node.bytes(2, output).bytes(3, output).bytes(4, type);
    for (const [name, value] of Object.entries(attributes)) node.bytes(5, attribute(name, value));
    this.nodes.push(node);
    return output;
  }

  /** The name that the first call of `make` for these numbers returned: operations that share weights share the constant. */
  once(data: Float32Array, make: () => string): string {
    const known = this.shared.get(data);
    if (known) return known;
    const name = make();
    this.shared.set(data, name);
    return name;
  }

  /** Adds a constant of floats. */
  floats(name: string, data: Float32Array, shape: readonly number[]): string {
    const small = data.length < 64;
    const int8 = this.weights === 'int8' && !small ? toInt8({ shape, data }) : undefined;
    if (int8) {
      const stored = this.initializer(`${name}.int8`, 'int8', rawBytes(int8.data), shape);
      const scales = this.initializer(`${name}.scale`, 'float32', rawBytes(int8.scales), [shape[0]!]);
      return this.node('DequantizeLinear', [stored, scales], { axis: 0 }, name);
    }
    if (this.weights !== 'float16' || small) return this.initializer(name, 'float32', rawBytes(data), shape);
    const stored = this.initializer(`${name}.float16`, 'float16', rawBytes(toFloat16(data)), shape);
    return this.node('Cast', [stored], { to: ElementType.float32 }, name);
  }

  /** Adds a constant of integers; equal ones are shared. */
  ints(...values: number[]): string {
    const key = values.join('_').replace(/-/g, 'm');
    const known = this.constants.get(key);
    if (known) return known;
    const name = this.initializer(`ints.${key}`, 'int64', rawBytes(BigInt64Array.from(values, BigInt)), [
      values.length,
    ]);
    this.constants.set(key, name);
    return name;
  }

  /** Adds a scalar integer constant. */
  int(value: number): string {
    const key = `int.${value}`;
    const known = this.constants.get(key);
    if (known) return known;
    const name = this.initializer(key, 'int64', rawBytes(BigInt64Array.of(BigInt(value))), []);
    this.constants.set(key, name);
    return name;
  }

  private name(type: string): string {
    return `${type}.${this.fresh++}`;
  }

  private initializer(name: string, type: ElementType, bytes: Uint8Array, shape: readonly number[]): string {
    const tensor = new ProtobufWriter();
    for (const size of shape) tensor.int(1, size);
    this.initializers.push(tensor.int(2, ElementType[type]).bytes(8, name).bytes(9, bytes));
    return name;
  }

  /** The complete file. */
  finish(
    name: string,
    {
      inputs,
      outputs,
      opset,
      metadata,
    }: {
      inputs: readonly OnnxValue[];
      outputs: readonly OnnxValue[];
      opset: number;
      metadata: Readonly<Record<string, string>>;
    },
  ): Uint8Array {
    const graph = new ProtobufWriter();
    for (const node of this.nodes) graph.bytes(1, node);
    graph.bytes(2, name);
    for (const tensor of this.initializers) graph.bytes(5, tensor);
    for (const value of inputs) graph.bytes(11, valueInfo(value));
    for (const value of outputs) graph.bytes(12, valueInfo(value));
    // IR version 8 belongs to opsets 15 to 18; every runtime since 2022 reads it.
    const model = new ProtobufWriter().int(1, 8).bytes(2, 'poseblocks').bytes(7, graph);
    model.bytes(8, new ProtobufWriter().bytes(1, '').int(2, opset));
    for (const [key, value] of Object.entries(metadata))
      model.bytes(14, new ProtobufWriter().bytes(1, key).bytes(2, value));
    return model.finish();
  }
}
