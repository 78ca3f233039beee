/** Single-precision numbers, row-major. */
export interface Dataset {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Sizes of tree nodes, as stored in the superblock: half the entries of a leaf, and half the children of a node. */
const LEAF = 4;
const INNER = 16;
const UNDEFINED = 0xffffffffffffffffn;
export const SIGNATURE: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK = 96;

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const little = (value: number | bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * i)) & 255n));
const u16 = (value: number): number[] => little(value, 2);
const u32 = (value: number): number[] => little(value, 4);
const u64 = (value: number | bigint): number[] => little(value, 8);
const padded = (bytes: readonly number[], to = Math.ceil(bytes.length / 8) * 8): number[] => [
  ...bytes,
  ...new Array<number>(to - bytes.length).fill(0),
];

/** An object header of version 1 with these messages. */
function header(messages: readonly (readonly [type: number, body: readonly number[]])[]): number[] {
  const body = messages.flatMap(([type, bytes]) => {
    const whole = padded(bytes);
    return [...u16(type), ...u16(whole.length), 0, 0, 0, 0, ...whole];
  });
  return [1, 0, ...u16(messages.length), ...u32(1), ...u32(body.length), ...u32(0), ...body];
}

/** IEEE single precision, little-endian. */
const FLOAT32 = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

interface Tree {
  readonly [name: string]: Tree | Dataset;
}
const isDataset = (value: Tree | Dataset): value is Dataset => value['data'] instanceof Float32Array;

function treeOf(datasets: Readonly<Record<string, Dataset>>): Tree {
  const root: Record<string, unknown> = {};
  for (const [path, dataset] of Object.entries(datasets)) {
    const steps = path.split('/');
    let at = root;
    for (const step of steps.slice(0, -1)) at = (at[step] ??= {}) as Record<string, unknown>;
    at[steps.at(-1)!] = dataset;
  }
  return root as Tree;
}

/** Names in the order of their bytes, by which trees are searched. */
const byBytes = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => {
  const [x, y] = [text(a), text(b)];
  const differs = x.findIndex((byte, i) => byte !== y[i]);
  return differs < 0 ? x.length - y.length : x[differs]! - (y[differs] ?? -1);
};

/**
 * An HDF5 file (superblock version 0, which every reader supports) of single-precision datasets by path, with the groups of the paths.
 *
 * @example writeHdf5({ 'layers/conv2d/vars/0': { shape: [3, 3, 1, 8], data } })
 */
export function writeHdf5(datasets: Readonly<Record<string, Dataset>>): Uint8Array {
  const parts: { readonly at: number; readonly bytes: ArrayLike<number> }[] = [];
  let end = SUPERBLOCK;
  const place = (bytes: ArrayLike<number>): number => {
    const at = end;
    parts.push({ at, bytes });
    end += Math.ceil(bytes.length / 8) * 8;
    return at;
  };

  const dataset = ({ shape, data }: Dataset): number => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const address = bytes.length === 0 ? UNDEFINED : place(bytes);
    return place(
      header([
        [0x0001, [1, shape.length, 0, 0, ...u32(0), ...shape.flatMap(u64)]],
        [0x0003, FLOAT32],
        [0x0005, [2, 2, 2, 0]],
        [0x0008, [3, 1, ...u64(address), ...u64(bytes.length)]],
      ]),
    );
  };

  /** A node with at most 2 · INNER children, each with the heap offset of its last name; further levels where there are more. */
  const btree = (children: readonly (readonly [address: number, last: number])[], level: number): number => {
    const nodes: (readonly [number, number])[] = [];
    let before = 0;
    const size = 24 + 2 * INNER * 16 + 8;
    for (let i = 0; i === 0 || i < children.length; i += 2 * INNER) {
      const own = children.slice(i, i + 2 * INNER);
      // Nodes of one level are contiguous and know their neighbours.
      const left = i === 0 ? UNDEFINED : end - size;
      const right = i + 2 * INNER >= children.length ? UNDEFINED : end + size;
      const links = own.flatMap(([address, last]) => [...u64(address), ...u64(last)]);
      const head = [...text('TREE'), 0, level, ...u16(own.length), ...u64(left), ...u64(right)];
      const node = place(padded([...head, ...u64(before), ...links], size));
      before = own.at(-1)?.[1] ?? 0;
      nodes.push([node, before]);
    }
    return nodes.length === 1 ? nodes[0]![0] : btree(nodes, level + 1);
  };

  const group = (tree: Tree): { header: number; btree: number; heap: number } => {
    const entries = Object.entries(tree).sort(byBytes);
    const addresses = entries.map(([, value]) => (isDataset(value) ? { header: dataset(value) } : group(value)));
    const names = new Array<number>(8).fill(0);
    const offsets = entries.map(([name]) => {
      const at = names.length;
      names.push(...padded([...text(name), 0]));
      return at;
    });
    const leaves: (readonly [number, number])[] = [];
    for (let i = 0; i < entries.length; i += 2 * LEAF) {
      const own = addresses.slice(i, i + 2 * LEAF);
      const symbols = own.flatMap((address, j) => [
        ...u64(offsets[i + j]!),
        ...u64(address.header),
        ...('btree' in address
          ? [...u32(1), ...u32(0), ...u64(address.btree), ...u64(address.heap)]
          : u64(0).concat(u64(0), u64(0))),
      ]);
      const leaf = padded([...text('SNOD'), 1, 0, ...u16(own.length), ...symbols], 8 + 2 * LEAF * 40);
      leaves.push([place(leaf), offsets[i + own.length - 1]!]);
    }
    const root = btree(leaves, 0);
    const data = place(names);
    const heap = place([...text('HEAP'), 0, 0, 0, 0, ...u64(names.length), ...u64(1), ...u64(data)]);
    return { header: place(header([[0x0011, [...u64(root), ...u64(heap)]]])), btree: root, heap };
  };

  const root = group(treeOf(datasets));
  const out = new Uint8Array(end);
  for (const { at, bytes } of parts) out.set(bytes, at);
  out.set([...SIGNATURE, 0, 0, 0, 0, 0, 8, 8, 0, ...u16(LEAF), ...u16(INNER), ...u32(0)]);
  out.set([...u64(0), ...u64(UNDEFINED), ...u64(end), ...u64(UNDEFINED)], 24);
  out.set([...u64(0), ...u64(root.header), ...u32(1), ...u32(0), ...u64(root.btree), ...u64(root.heap)], 56);
  return out;
}
