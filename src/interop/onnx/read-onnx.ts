import { fromFloat16 } from '../../bytes';
import type { StateTensor } from '../state-dict';
import { readProtobuf, type ProtobufField } from './protobuf';

/** What an ONNX file holds beside its arithmetic. */
export interface OnnxFile {
  /** Float constants by name, float16 widened. */
  readonly tensors: Readonly<Record<string, StateTensor>>;
  readonly nodes: readonly {
    readonly type: string;
    readonly name: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  /** `poseblocks.codec`, `poseblocks.normalization` … of `exportOnnx`, as JSON; whatever others wrote. */
  readonly metadata: Readonly<Record<string, string>>;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = ({ value }: ProtobufField): Uint8Array => value as Uint8Array;

/** A TensorProto of floats; null for other types. */
function tensorOf(bytes: Uint8Array): [name: string, tensor: StateTensor] | null {
  const shape: number[] = [];
  let [type, name, raw] = [0, '', new Uint8Array()];
  for (const each of readProtobuf(bytes)) {
    if (each.field === 1 && typeof each.value === 'bigint') shape.push(Number(each.value));
    else if (each.field === 1) shape.push(...packed(bytesOf(each)));
    else if (each.field === 2) type = Number(each.value);
    else if (each.field === 4) raw = new Uint8Array(bytesOf(each));
    else if (each.field === 8) name = text(bytesOf(each));
    else if (each.field === 9) raw = new Uint8Array(bytesOf(each));
  }
  if (type === 1) return [name, { shape, data: new Float32Array(raw.buffer) }];
  if (type === 10) return [name, { shape, data: fromFloat16(new Uint16Array(raw.buffer)) }];
  return null;
}

/** Varints one after the other. */
function packed(bytes: Uint8Array): number[] {
  const out: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    out.push(value);
    [value, scale] = [0, 1];
  }
  return out;
}

function nodeOf(bytes: Uint8Array): OnnxFile['nodes'][number] {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  let [name, type] = ['', ''];
  for (const each of readProtobuf(bytes)) {
    if (each.field === 1) inputs.push(text(bytesOf(each)));
    else if (each.field === 2) outputs.push(text(bytesOf(each)));
    else if (each.field === 3) name = text(bytesOf(each));
    else if (each.field === 4) type = text(bytesOf(each));
  }
  return { type, name, inputs, outputs };
}

function entryOf(bytes: Uint8Array): [string, string] {
  const fields = [...readProtobuf(bytes)];
  const of = (field: number): string => text(bytesOf(fields.find((each) => each.field === field)!));
  return [of(1), of(2)];
}

/**
 * The weights, nodes and metadata of an ONNX file, whoever wrote it: to load weights from, or to learn how its output is to be decoded.
 * External data files are not followed.
 *
 * @throws RangeError when the bytes are no ONNX file.
 * @example const codec = codecFromJSON(JSON.parse(readOnnx(bytes).metadata['poseblocks.codec']));
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  try {
    return parse(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (message.startsWith('readOnnx')) throw cause;
    throw new RangeError(`readOnnx: the bytes must be a whole ONNX file. Received: ${bytes.length} bytes; ${message}`, {
      cause,
    });
  }
}

function parse(bytes: Uint8Array): OnnxFile {
  const tensors: [string, StateTensor][] = [];
  const nodes: OnnxFile['nodes'][number][] = [];
  const metadata: [string, string][] = [];
  let hasGraph = false;
  for (const each of readProtobuf(bytes)) {
    if (each.field === 14) metadata.push(entryOf(bytesOf(each)));
    if (each.field !== 7) continue;
    hasGraph = true;
    for (const inner of readProtobuf(bytesOf(each))) {
      if (inner.field === 1) nodes.push(nodeOf(bytesOf(inner)));
      if (inner.field !== 5) continue;
      const tensor = tensorOf(bytesOf(inner));
      if (tensor) tensors.push(tensor);
    }
  }
  if (!hasGraph)
    throw new RangeError(`readOnnx: the bytes must be an ONNX file. Received: ${bytes.length} bytes without a graph.`);
  return { tensors: Object.fromEntries(tensors), nodes, metadata: Object.fromEntries(metadata) };
}
