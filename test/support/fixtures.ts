import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StateDict, StateTensor } from 'poseblocks/interop';

/** The absolute path of a file under `test/fixtures`. */
export const fixturePath = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

/** A JSON fixture. Its type is the caller's promise. */
export const readJson = <T>(path: string): T => JSON.parse(readFileSync(fixturePath(path), 'utf8')) as T;

/** Raw little-endian float32. */
export function readFloats(path: string): Float32Array {
  const bytes = readFileSync(fixturePath(path));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** A block run by PyTorch: inputs, weights, outputs, gradients, all in PyTorch's layout (NCHW). */
export interface BlockFixture {
  readonly name: string;
  readonly description: string;
  readonly tensors: StateDict;
  /** What is not a tensor: sizes, radii, decoded figures. */
  readonly meta: Readonly<Record<string, unknown>>;
}

interface Header {
  readonly description: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, { shape: number[]; offset: number; length: number }>>;
}

/** A fixture of `blocks`, or of another folder: `quoted/blocks` has those of the systems that paper 003 compares with. */
export function readBlockFixture(name: string, folder = 'blocks'): BlockFixture {
  const { description, meta = {}, tensors } = readJson<Header>(`${folder}/${name}.json`);
  const floats = readFloats(`${folder}/${name}.bin`);
  const slice = ({ shape, offset, length }: Header['tensors'][string]): StateTensor => ({
    shape,
    data: floats.subarray(offset / 4, offset / 4 + length),
  });
  return {
    name,
    description,
    meta,
    tensors: Object.fromEntries(Object.entries(tensors).map(([key, at]) => [key, slice(at)])),
  };
}

/** The tensors whose names start with `prefix`, without it. */
export const withPrefix = (tensors: StateDict, prefix: string): StateDict =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([key, tensor]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), tensor]] : [],
    ),
  );

/** A folder that lies beside the repository in development, and nowhere else; `absent` says so for {@link describeWhere}. */
function beside(path: string): { readonly folder: string; readonly absent: string | null } {
  const folder = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  return {
    folder,
    absent: existsSync(folder) ? null : `../shared/${path} lies beside the repository in development only`,
  };
}

/** The photographs of COCO, MPII and Leeds Sports Poses that lie beside the repository in development. */
export const photographs = (dataset: 'coco' | 'mpii' | 'lsp'): ReturnType<typeof beside> => beside(`data/${dataset}`);

/** PyTorch's export of LPN-50 that lies beside the repository in development. */
export const referenceExport = (): ReturnType<typeof beside> => beside('bench');
