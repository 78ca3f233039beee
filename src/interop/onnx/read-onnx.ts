import {
  NUMBER_TYPES,
  numbersBudget,
  packedVarints,
  readProtobuf,
  shown,
  shownNames,
  type Budget,
  type ProtobufField,
} from '../../bytes';
import type { StateTensor } from '../state-dict';

/** The contents of an ONNX file beside its arithmetic. */
export interface OnnxFile {
  /** Float constants by name; float16 is converted to float32. */
  readonly tensors: Readonly<Record<string, StateTensor>>;
  readonly nodes: readonly {
    readonly type: string;
    readonly name: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  /** `poseblocks.codec`, `poseblocks.normalization` … of `exportOnnx`, as JSON, and the metadata of other tools. */
  readonly metadata: Readonly<Record<string, string>>;
}

const fail = (what: string): never => {
  throw new RangeError(`readOnnx: ${what}`);
};
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = ({ field, value }: ProtobufField): Uint8Array =>
  value instanceof Uint8Array ? value : fail(`field ${field} must hold bytes. Received: the number ${value}.`);

/** Maximum number of axes; weights of networks have fewer. */
const MOST_AXES = 32;

/** Single and half precision, by ONNX's number of the type. */
const FLOATS = { 1: NUMBER_TYPES.float32, 10: NUMBER_TYPES.float16 } as const;

/** A TensorProto of floats; null for other types, and for tensors stored in another file. */
function tensorOf(bytes: Uint8Array, budget: Budget): [name: string, tensor: StateTensor] | null {
  const shape: number[] = [];
  const parts: Uint8Array[] = [];
  let [type, name, isElsewhere] = [0, '', false];
  for (const each of readProtobuf(bytes)) {
    if (each.field === 1 && typeof each.value === 'number') shape.push(each.value);
    else if (each.field === 1) shape.push(...packedVarints(bytesOf(each).subarray(0, 10 * MOST_AXES)));
    else if (each.field === 2) type = Number(each.value);
    else if (each.field === 4 || each.field === 9) parts.push(bytesOf(each));
    else if (each.field === 8) name = text(bytesOf(each));
    else if (each.field === 13) isElsewhere = true;
    if (shape.length > MOST_AXES) fail(`tensors must have at most ${MOST_AXES} axes. Received: more.`);
  }
  if ((type !== 1 && type !== 10) || isElsewhere) return null;
  const numbers = FLOATS[type];
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const count = shape.reduce((a, b) => a * b, 1);
  if (size !== count * numbers.bytes)
    fail(`${shownNames([name])} must hold the numbers of its shape. Received: ${size} bytes for ${shown(shape)}.`);
  budget.spend(4 * count, shownNames([name]));
  const raw = new Uint8Array(size);
  parts.reduce((at, part) => (raw.set(part, at), at + part.length), 0);
  return [name, { shape, data: numbers.read(raw.buffer) }];
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
  let [key, value] = ['', ''];
  for (const each of readProtobuf(bytes)) {
    if (each.field === 1) key = text(bytesOf(each));
    else if (each.field === 2) value = text(bytesOf(each));
  }
  return [key, value];
}

/**
 * Reads the weights, nodes and metadata of any ONNX file: to load its weights, or to find out how its output is decoded.
 * External data files are not read. Memory is bounded by eight times the file.
 *
 * @throws RangeError when the bytes are not an ONNX file.
 * @example const codec = codecFromJSON(JSON.parse(readOnnx(bytes).metadata['poseblocks.codec']));
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  try {
    return parse(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (message.startsWith('readOnnx')) throw cause;
    throw new RangeError(
      `readOnnx: the bytes must be a complete ONNX file. Received: ${bytes.length} bytes; ${shownNames([message])}`,
      { cause },
    );
  }
}

/**
 * Reads only the metadata of an ONNX file and skips its weights.
 *
 * @throws RangeError when the bytes are not an ONNX file.
 * @example onnxMetadata(bytes)['poseblocks.codec']
 */
export function onnxMetadata(bytes: Uint8Array): OnnxFile['metadata'] {
  const metadata: [string, string][] = [];
  try {
    for (const each of readProtobuf(bytes)) if (each.field === 14) metadata.push(entryOf(bytesOf(each)));
  } catch (cause) {
    throw new RangeError(
      `onnxMetadata: the bytes must be a complete ONNX file. Received: ${bytes.length} bytes; ${(cause as Error).message}`,
      { cause },
    );
  }
  return Object.fromEntries(metadata);
}

function parse(bytes: Uint8Array): OnnxFile {
  const tensors: [string, StateTensor][] = [];
  const nodes: OnnxFile['nodes'][number][] = [];
  const metadata: [string, string][] = [];
  const budget = numbersBudget('readOnnx', bytes.length);
  let hasGraph = false;
  for (const each of readProtobuf(bytes)) {
    if (each.field === 14) metadata.push(entryOf(bytesOf(each)));
    if (each.field !== 7) continue;
    hasGraph = true;
    for (const inner of readProtobuf(bytesOf(each))) {
      if (inner.field === 1) nodes.push(nodeOf(bytesOf(inner)));
      if (inner.field !== 5) continue;
      const tensor = tensorOf(bytesOf(inner), budget);
      if (tensor) tensors.push(tensor);
    }
  }
  if (!hasGraph)
    throw new RangeError(`readOnnx: the bytes must be an ONNX file. Received: ${bytes.length} bytes without a graph.`);
  return { tensors: Object.fromEntries(tensors), nodes, metadata: Object.fromEntries(metadata) };
}
