import { crc32, writeHdf5, writeZip } from 'poseblocks/bytes';
import { concat, legacyPth, numbers, op, pth, pthOf, sharedLists, storage, tensor, u32, u64 } from '../pickle';

/** A file made to harm, and how it is read. */
export interface Row {
  readonly name: string;
  readonly reader:
    | 'pth' | 'safetensors' | 'zip' | 'hdf5' | 'keras' | 'mat' | 'onnx' | 'coco' | 'coco-eval' | 'mpii' | 'codec' | 'metadata' | 'pose-model'; // prettier-ignore
  readonly bytes: () => Uint8Array;
  /** What the error says; absent where the file is read. */
  readonly error?: RegExp;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const item = (key: string, value: Uint8Array): Uint8Array => concat([op.text(key), value]);
const floats = (count: number): Uint8Array => new Uint8Array(4 * count);
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const u16 = (value: number): number[] => [value & 255, value >>> 8];

function safetensors(header: object | string, payload = 0): Uint8Array {
  const json = text(typeof header === 'string' ? header : JSON.stringify(header));
  return concat([Uint8Array.from(u64(json.length)), json, new Uint8Array(payload)]);
}

/** Entries of a directory that all say the same bytes. */
function overlappingZip(entries: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  const local = concat([Uint8Array.from([...u32(0x04034b50), ...u16(20), 0, 0, 0, 0, 0, 0, 0x21, 0, ...u32(crc32(data)), ...u32(size), ...u32(size), ...u16(1), 0, 0]), text('a'), data]); // prettier-ignore
  const entry = Uint8Array.from([...u32(0x02014b50), ...u16(20), ...u16(20), 0, 0, 0, 0, 0, 0, 0x21, 0, ...u32(crc32(data)), ...u32(size), ...u32(size), ...u16(1), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...u32(0), 0x61]); // prettier-ignore
  const directory = concat(Array.from({ length: entries }, () => entry));
  const end = Uint8Array.from([...u32(0x06054b50), 0, 0, 0, 0, ...u16(entries), ...u16(entries), ...u32(directory.length), ...u32(local.length), 0, 0]); // prettier-ignore
  return concat([local, directory, end]);
}

/** DEFLATE of so many megabytes of zeros after a beginning, made without holding them: blocks that end on a byte can be repeated. */
function deflated(beginning: Uint8Array, megabytes: number): Uint8Array {
  const { deflateRawSync, constants } = process.getBuiltinModule('node:zlib');
  const block = (data: Uint8Array): Uint8Array =>
    new Uint8Array(deflateRawSync(data, { level: 9, finishFlush: constants.Z_FULL_FLUSH }));
  const zeros = block(new Uint8Array(2 ** 20));
  return concat([block(beginning), ...Array.from({ length: megabytes }, () => zeros), Uint8Array.of(3, 0)]);
}

/** A ZIP of one compressed file of zeros. */
function bomb(megabytes: number): Uint8Array {
  const packed = deflated(new Uint8Array(0), megabytes);
  const sizes = [...u32(0), ...u32(packed.length), ...u32(megabytes * 2 ** 20), ...u16(1), 0, 0];
  const local = concat([Uint8Array.from([...u32(0x04034b50), ...u16(20), 0, 0, ...u16(8), 0, 0, 0x21, 0, ...sizes]), text('a'), packed]); // prettier-ignore
  const entry = Uint8Array.from([...u32(0x02014b50), ...u16(20), ...u16(20), 0, 0, ...u16(8), 0, 0, 0x21, 0, ...sizes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...u32(0), 0x61]); // prettier-ignore
  const end = Uint8Array.from([...u32(0x06054b50), 0, 0, 0, 0, ...u16(1), ...u16(1), ...u32(entry.length), ...u32(local.length), 0, 0]); // prettier-ignore
  return concat([local, entry, end]);
}

/** An HDF5 file whose root's tree has `levels` levels, each node with two children, which are the same. */
function sharedTree(levels: number): Uint8Array {
  const out = writeHdf5({ a: { shape: [1], data: new Float32Array(1) } });
  const view = new DataView(out.buffer);
  const leaf = Number(view.getBigUint64(80, true));
  const size = 24 + 32 + 8;
  const grown = new Uint8Array(out.length + levels * size);
  grown.set(out);
  const grownView = new DataView(grown.buffer);
  let child = leaf;
  for (let level = 1; level <= levels; level++) {
    const at = out.length + (level - 1) * size;
    grown.set(text('TREE'), at);
    grown.set([0, level, 2, 0], at + 4);
    grownView.setBigUint64(at + 32, BigInt(child), true);
    grownView.setBigUint64(at + 48, BigInt(child), true);
    child = at;
  }
  // The root's message of its tree, and the superblock's copy.
  const header = Number(view.getBigUint64(64, true));
  grownView.setBigUint64(header + 24, BigInt(child), true);
  return grown;
}

/** A MATLAB file with a matrix of doubles, all zero and stored as bytes, compressed; `claimed` is how long its head says that it is. */
function matBomb(megabytes: number, claimed = megabytes * 2 ** 20): Uint8Array {
  const beginning = Uint8Array.from([
    ...[14, claimed + 56].flatMap(u32),
    ...[6, 8, 6, 0].flatMap(u32),
    ...[5, 8, 1, claimed].flatMap(u32),
    ...[1, 6].flatMap(u32), ...text('joints'), 0, 0,
    ...[2, claimed].flatMap(u32),
  ]); // prettier-ignore
  // Adler-32 adds every byte up, so zeros only repeat its first sum.
  let [low, high] = [1, 0];
  for (const byte of beginning) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  high = (high + low * ((megabytes * 2 ** 20) % 65521)) % 65521;
  const packed = concat([Uint8Array.of(0x78, 0xda), deflated(beginning, megabytes), Uint8Array.of(high >> 8, high & 255, low >> 8, low & 255)]); // prettier-ignore
  const header = new Uint8Array(128).fill(0x20);
  header.set([0, 1, 0x49, 0x4d], 124);
  return concat([header, Uint8Array.from([...u32(15), ...u32(packed.length)]), packed]);
}

const kerasOf = (config: unknown): Uint8Array =>
  writeZip({
    'metadata.json': text('{}'),
    'config.json': text(typeof config === 'string' ? config : JSON.stringify(config)),
    'model.weights.h5': writeHdf5(Object.fromEntries([0, 1].map((i) => [`layers/dense/vars/${i}`, { shape: [1], data: new Float32Array(1) }]))), // prettier-ignore
  });
const kerasInput = (shape: readonly number[]): object => ({
  class_name: 'InputLayer', name: 'in', config: { name: 'in', batch_shape: [null, ...shape] }, inbound_nodes: [],
}); // prettier-ignore
const kerasUse = (layer: string): object => ({
  args: [{ class_name: '__keras_tensor__', config: { keras_history: [layer, 0, 0] } }], kwargs: {},
}); // prettier-ignore
const keras = (layers: readonly object[], last: string): unknown => ({
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [[last, 0, 0]] },
});

/** A pose model's file of one number, with this topology. */
const poseModelOf = (layers: readonly object[], last: string): Uint8Array => {
  const topology = { class_name: 'Model', config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [[last, 0, 0]] } }; // prettier-ignore
  const records = {
    version: 1,
    codec: { ...codec, inputSize: [8, 8], heatmapSize: [8, 8] },
    keypointSet: { name: 'one', names: ['a'] },
    normalization: { channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
    crop: { region: 'box', padding: 1 },
    provenance: {},
    topology,
  };
  const metadata = Object.fromEntries(Object.entries(records).map(([key, value]) => [`poseblocks.${key}`, JSON.stringify(value)])); // prettier-ignore
  return safetensors({ __metadata__: metadata, 'l.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 4);
};
const tfjsInput = (shape: readonly number[]): object => ({
  class_name: 'InputLayer', name: 'in', config: { name: 'in', batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false }, inbound_nodes: [],
}); // prettier-ignore
const tfjsLayer = (kind: string, name: string, config: object, inputs: readonly unknown[] = [['in', 0, 0, {}]], uses = [inputs]): object => ({
  class_name: kind, name, config: { ...config, name }, inbound_nodes: uses,
}); // prettier-ignore
/** Models in models, each of which uses the one in it twice. */
const twiceNested = (depth: number): object => {
  const inner = depth === 0 ? tfjsLayer('Activation', 'a', { activation: 'relu' }) : twiceNested(depth - 1);
  const { name } = inner as { name: string };
  const first = depth === 0 ? 0 : 1;
  const uses = [[['in', 0, 0, {}]], [[name, first, 0, {}]]];
  const layers = [tfjsInput([8, 8, 3]), { ...inner, inbound_nodes: uses }];
  const config = { name: `m${depth}`, layers, input_layers: [['in', 0, 0]], output_layers: [[name, first + 1, 0]] };
  return { class_name: 'Model', name: `m${depth}`, config, inbound_nodes: [[['in', 0, 0, {}]]] };
};

const category = { id: 1, name: 'person', keypoints: ['a', 'b'], skeleton: [[1, 2]] };
const image = { id: 1, file_name: 'a.jpg', width: 10, height: 10 };
const person = { id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 5, 5], keypoints: [1, 1, 2, 2, 2, 2], num_keypoints: 2, area: 25, iscrowd: 0 }; // prettier-ignore
export const coco = (fields: object): string =>
  JSON.stringify({ images: [image], categories: [category], annotations: [{ ...person, ...fields }] });
const codec = { codec: 'gaussian', inputSize: [192, 256], heatmapSize: [48, 64], sigma: 2, factor: 1, center: 'rounded', align: 'edges', truncate: 3, refine: { decoder: 'argmax' } }; // prettier-ignore

const long = new Uint8Array(2 ** 18).fill(0x55);
const one = tensor(storage(), numbers([1]), numbers([1]));

/** The files that were found to hang, or to take a gigabyte, and their like. */
export const ROWS: readonly Row[] = [
  { name: 'pth: LONG4 of 256 KB in a ZIP', reader: 'pth', bytes: () => pth([item('x', op.long4(long)), item('w', one)], { 0: floats(1) }) },
  { name: 'pth: LONG4 of 256 KB in a legacy file', reader: 'pth', bytes: () => legacyPth(concat([op.emptyDict, op.mark, op.text('x'), op.long4(long), op.setItems])), error: /state dict/ },
  { name: 'pth: a persistent id of shared lists', reader: 'pth', bytes: () => pthOf(concat([sharedLists(60), op.persistent])), error: /persistent id must be a storage/ },
  { name: 'pth: a storage key of shared lists', reader: 'pth', bytes: () => pth([item('w', tensor(storage(sharedLists(60)), numbers([1]), numbers([1])))]), error: /storage must have a short key/ },
  { name: 'pth: a shape of shared lists', reader: 'pth', bytes: () => pth([item('w', tensor(storage(), sharedLists(60), numbers([1])))], { 0: floats(1) }), error: /must have a storage, a shape and strides/ },
  { name: 'pth: a class name of shared lists', reader: 'pth', bytes: () => pthOf(concat([sharedLists(60), op.text('x'), Uint8Array.of(0x93)])), error: /without a name/ },
  { name: 'pth: shape [1e9] with stride 0', reader: 'pth', bytes: () => pth([item('w', tensor(storage(), numbers([1e9]), numbers([0])))], { 0: floats(1) }), error: /must fit into the limit of the file/ },
  { name: 'pth: shape [2e8] with stride 0', reader: 'pth', bytes: () => pth([item('w', tensor(storage(), numbers([2e8]), numbers([0])))], { 0: floats(1) }), error: /must fit into the limit of the file/ },
  { name: 'pth: shape [2^53, 2^53], strides 0', reader: 'pth', bytes: () => pth([item('w', tensor(storage(), numbers([2 ** 52, 2 ** 52]), numbers([0, 0])))], { 0: floats(1) }), error: /must lie within its storage/ },
  { name: 'pth: 20,000 tensors on one storage of 1 MB', reader: 'pth', bytes: () => pth([
    item('t0', concat([tensor(concat([storage(), op.put(1)]), concat([numbers([262144]), op.put(2)]), concat([numbers([1]), op.put(3)]))])),
    ...Array.from({ length: 20_000 }, (_, i) => item(`t${i + 1}`, tensor(op.get(1), op.get(2), op.get(3)))),
  ], { 0: floats(262144) }) },
  { name: 'pth: one list of 100,000 pairs for 50,000 dictionaries', reader: 'pth', bytes: () => pthOf(concat([
    op.mark, ...Array.from({ length: 100_000 }, () => op.emptyTuple), op.list, op.put(1),
    op.global('collections', 'OrderedDict'), op.put(2),
    op.mark, op.get(1), op.tuple, op.put(3),
    ...Array.from({ length: 50_000 }, () => concat([op.get(2), op.get(3), op.reduce])),
  ])), error: /members of dictionaries must fit/ },
  { name: 'pth: a call with 500,000 arguments', reader: 'pth', bytes: () => pthOf(concat([op.global('torch', 'Size'), op.mark, ...Array.from({ length: 500_000 }, () => op.emptyTuple), op.tuple, op.reduce])), error: /state dict/ },
  { name: 'pth: a negative length of storage', reader: 'pth', bytes: () => concat([legacyPth(concat([op.emptyDict, op.mark, item('w', one), op.setItems]), concat([op.mark, op.text('0'), op.list])), new Uint8Array(8).fill(255)]), error: /must be complete/ },
  { name: 'pth: 300 keys of a megabyte, none a tensor', reader: 'pth', bytes: () => pth([concat([op.text('k'.repeat(2 ** 20)), op.int(1)])]), error: /state dict/ },
  { name: 'safetensors: 2,000 tensors on the same megabyte', reader: 'safetensors', bytes: () => safetensors(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`t${i}`, { dtype: 'F32', shape: [262144], data_offsets: [0, 2 ** 20] }])), 2 ** 20), error: /must not overlap/ },
  { name: 'safetensors: a header nested 100,000 deep', reader: 'safetensors', bytes: () => safetensors(`{"a":${deep(100_000)}}`), error: /nested at most/ },
  { name: 'safetensors: metadata of a megabyte that is no text', reader: 'safetensors', bytes: () => safetensors({ __metadata__: { a: new Array(200_000).fill(1) } }), error: /object of texts/ },
  { name: 'safetensors: an entry of a megabyte', reader: 'safetensors', bytes: () => safetensors({ a: new Array(200_000).fill(1) }), error: /must have dtype/ },
  { name: 'zip: 60,000 entries on the same bytes', reader: 'zip', bytes: () => overlappingZip(60_000, 2 ** 20), error: /must not overlap/ },
  { name: 'pth: a ZIP of 60,000 entries on the same bytes', reader: 'pth', bytes: () => overlappingZip(60_000, 2 ** 20), error: /must not overlap/ },
  { name: 'keras: a ZIP of 60,000 entries on the same bytes', reader: 'keras', bytes: () => overlappingZip(60_000, 2 ** 20), error: /must not overlap/ },
  { name: 'zip: 400 MB of zeros, compressed', reader: 'zip', bytes: () => bomb(400), error: /must fit into the limit of the file/ },
  { name: 'hdf5: a tree of 26 levels whose children are the same node', reader: 'hdf5', bytes: () => sharedTree(26), error: /twice|levels/ },
  { name: 'hdf5: a tree of 8 levels whose children are the same node', reader: 'hdf5', bytes: () => sharedTree(8), error: /twice/ },
  { name: 'mat: 1,800 MB of zeros in 1.9 MB', reader: 'mat', bytes: () => matBomb(1800), error: /must fit into the limit of the file/ },
  { name: 'mat: 1,800 MB of zeros in 1.9 MB, which says it were 8', reader: 'mat', bytes: () => matBomb(1800, 8), error: /must decompress to/ },
  { name: 'mat: 20 MB of zeros as doubles', reader: 'mat', bytes: () => matBomb(20), error: /must fit into the limit of the file/ },
  { name: 'codec: DARK with a kernel of 4e8 + 1', reader: 'codec', bytes: () => text(JSON.stringify({ ...codec, refine: { decoder: 'dark', kernelSize: 4e8 + 1 } })), error: /at most 255/ },
  { name: 'codec: CPN with a kernel of 1e8 + 1', reader: 'codec', bytes: () => text(JSON.stringify({ ...codec, codec: 'cpn', kernels: [1e8 + 1], peak: 255 })), error: /at most 255/ },
  { name: 'keras: a configuration nested 100,000 deep', reader: 'keras', bytes: () => kerasOf(`{"class_name":"Functional","config":${deep(100_000)}}`), error: /nested at most/ },
  { name: 'keras: a layer of 2e9 units', reader: 'keras', bytes: () => kerasOf(keras([kerasInput([8]), { class_name: 'Dense', name: 'd', config: { name: 'd', units: 2e9 }, inbound_nodes: [kerasUse('in')] }], 'd')), error: /shape/ },
  { name: 'keras: an input of 1e12 numbers, flattened', reader: 'keras', bytes: () => kerasOf(keras([kerasInput([1e4, 1e4, 1e4]), { class_name: 'Flatten', name: 'f', config: { name: 'f' }, inbound_nodes: [kerasUse('in')] }, { class_name: 'Dense', name: 'd', config: { name: 'd', units: 1 }, inbound_nodes: [kerasUse('f')] }], 'd')), error: /shape/ },
  { name: 'keras: 20,000 layers in a row', reader: 'keras', bytes: () => kerasOf(keras([kerasInput([8]), ...Array.from({ length: 20_000 }, (_, i) => ({ class_name: 'Activation', name: `l${i}`, config: { name: `l${i}`, activation: 'relu' }, inbound_nodes: [kerasUse(i === 0 ? 'in' : `l${i - 1}`)] }))], 'l19999')), error: /importKeras/ },
  { name: 'keras: an activation of nested lists', reader: 'keras', bytes: () => kerasOf(keras([kerasInput([8]), { class_name: 'Activation', name: 'a', config: { name: 'a', activation: { config: JSON.parse(deep(100)) as unknown } }, inbound_nodes: [kerasUse('in')] }], 'a')), error: /activation must be/ },
  { name: 'keras: a use of a layer that there is none of', reader: 'keras', bytes: () => kerasOf(keras([kerasInput([8]), { class_name: 'Flatten', name: 'f', config: { name: 'f' }, inbound_nodes: [{ args: [{ class_name: '__keras_tensor__', config: { keras_history: ['in', 5, 0] } }], kwargs: {} }] }], 'f')), error: /must follow from the inputs/ },
  { name: 'pose model: a layer that waits for one that never comes', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 3]), tfjsLayer('Flatten', 'f', {}, [['g', 0, 0, {}]])], 'f'), error: /must follow from the inputs/ },
  { name: 'pose model: a layer under another name', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 3]), { ...tfjsLayer('Flatten', 'g', {}), name: 'f' }], 'f'), error: /its name in its configuration/ },
  { name: 'pose model: a grouped convolution of 3e6 taps', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 4]), tfjsLayer('PoseBlocks>GroupedConv2D', 'c', { filters: 4, kernel_size: 3e6, strides: 1, padding: 1, dilation: 1, groups: 2, use_bias: false })], 'c'), error: /the numbers that the file holds/ },
  { name: 'pose model: a convolution that leaves out how it begins', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 4]), tfjsLayer('SeparableConv2D', 'c', { filters: 4e5, kernel_size: [300, 300], strides: [1, 1], padding: 'same', rank: 2 })], 'c'), error: /no larger than the file holds/ },
  { name: 'pose model: normalisation of 1e9 channels', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 1e9]), tfjsLayer('PoseBlocks>BatchNormalization', 'b', {})], 'b'), error: /the numbers that the file holds/ },
  { name: 'pose model: channels joined with themselves 40 times, then normalised', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 3]), ...Array.from({ length: 40 }, (_, i) => { const from = i === 0 ? 'in' : `c${i - 1}`; return tfjsLayer('Concatenate', `c${i}`, { axis: -1 }, [[from, 0, 0, {}], [from, 0, 0, {}]]); }), tfjsLayer('PoseBlocks>BatchNormalization', 'b', {}, [['c39', 0, 0, {}]])], 'b'), error: /the numbers that the file holds/ },
  { name: 'pose model: models in models, 25 deep, each used twice', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 3]), twiceNested(25)], 'm25'), error: /used at most 4000 times/ },
  { name: 'pose model: 3,900 layers, the last first', reader: 'pose-model', bytes: () => poseModelOf([...Array.from({ length: 3900 }, (_, i) => tfjsLayer('Activation', `l${i}`, { activation: 'relu' }, [[i === 3899 ? 'in' : `l${i + 1}`, 0, 0, {}]])), tfjsInput([8])], 'l0'), error: /takes too long to follow/ },
  { name: 'pose model: 3,900 layers beside each other, joined', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 1]), ...Array.from({ length: 3900 }, (_, i) => tfjsLayer('Activation', `l${i}`, { activation: 'relu' })), tfjsLayer('Concatenate', 'c', { axis: -1 }, Array.from({ length: 3900 }, (_, i) => [`l${i}`, 0, 0, {}]))], 'c'), error: /loadPoseModel/ },
  { name: 'pose model: 90,000 inputs that wait for the last of 1,000 layers', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 1]), tfjsLayer('Add', 'a', {}, [...Array.from({ length: 90_000 }, () => ['in', 0, 0, {}]), ['l0', 0, 0, {}]]), ...Array.from({ length: 1000 }, (_, i) => tfjsLayer('Activation', `l${i}`, { activation: 'relu' }, [[i === 999 ? 'in' : `l${i + 1}`, 0, 0, {}]]))], 'a'), error: /takes too long to follow/ },
  { name: 'pose model: one layer used 3,900 times, one after another', reader: 'pose-model', bytes: () => poseModelOf([tfjsInput([8, 8, 1]), tfjsLayer('Activation', 'l', { activation: 'relu' }, [], Array.from({ length: 3900 }, (_, i) => [i === 0 ? ['in', 0, 0, {}] : ['l', i - 1, 0, {}]]))], 'l'), error: /loadPoseModel/ },
  { name: 'onnx: dimensions of a megabyte', reader: 'onnx', bytes: () => { const dims = new Uint8Array(2 ** 20).fill(1); const message = (field: number, data: Uint8Array): Uint8Array => { const size = []; for (let n = data.length; ; n >>>= 7) { size.push(n < 128 ? n : (n & 127) | 128); if (n < 128) break; } return concat([Uint8Array.of(field * 8 + 2), Uint8Array.from(size), data]); }; return message(7, message(5, concat([message(1, dims), Uint8Array.of(16, 1)]))); }, error: /axes/ },
  { name: 'coco: nested 100,000 deep', reader: 'coco', bytes: () => text(`{"images":${deep(100_000)}}`), error: /nested at most/ },
  { name: 'coco: an annotation with 1e300', reader: 'coco', bytes: () => text(coco({ keypoints: [1e300, 1, 2, 2, 2, 2] })), error: /finite/ },
  { name: 'coco: an image id of a megabyte', reader: 'coco', bytes: () => text(coco({ image_id: new Array(200_000).fill('x') })), error: /image_id/ },
  { name: 'coco: names that clear the terminal, twice', reader: 'coco', bytes: () => text(JSON.stringify({ images: [image], annotations: [], categories: [{ ...category, keypoints: ['\u001b[2J', '\u001b[2J'] }] })), error: /unique\. Received: "\\x1b\[2J" at 0 and 1/ },
  { name: 'coco: a name of 100,000 letters, and a visibility of 5', reader: 'coco', bytes: () => text(JSON.stringify({ images: [image], annotations: [{ ...person, keypoints: [1, 1, 5, 2, 2, 2] }], categories: [{ ...category, keypoints: ['x'.repeat(100_000), 'b'] }] })), error: /be a visibility, 0, 1 or 2/ },
  { name: 'coco: nested 100,000 deep, evaluated', reader: 'coco-eval', bytes: () => text(`{"info":${deep(100_000)},"annotations":[]}`), error: /nested at most/ },
  { name: 'coco: an annotation with 1e300, evaluated', reader: 'coco-eval', bytes: () => text(coco({ keypoints: [1e300, 1, 2, 2, 2, 2] })), error: /finite/ },
  { name: 'mpii: nested 100,000 deep', reader: 'mpii', bytes: () => text(deep(100_000)), error: /nested at most/ },
]; // prettier-ignore
