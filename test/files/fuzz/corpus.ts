import { readdirSync, readFileSync } from 'node:fs';
import { input, model } from '@tensorflow/tfjs-layers';
import { writeHdf5 } from 'poseblocks/bytes';
import { syntheticPeople } from 'poseblocks/datasets';
import { batchNorm, chain, conv } from 'poseblocks/blocks';
import { registerLayers } from 'poseblocks/heads';
import { exportKeras, writeSafetensors } from 'poseblocks/interop';
import { keypointSet } from 'poseblocks/keypoints';
import { poseModel, savePoseModel, type PoseModel } from 'poseblocks/models';
import {
  cpnCodec,
  coordinateCodec,
  diskOffsetCodec,
  gaussianCodec,
  integralCodec,
  offsetCodec,
  simccCodec,
} from 'poseblocks/targets';
import { dark } from 'poseblocks/postprocess';
import { concat, legacyPth, numbers, op, pth, storage, tensor, u32 } from '../pickle';
import {
  mutateBytes,
  mutateJson,
  mutatePickle,
  mutatePoseModel,
  mutateProtobuf,
  mutateZip,
  randomPickle,
  withLength,
  type Draw,
} from './mutate';
import { coco } from '../hostile/rows';

export type ReaderName =
  | 'pth'
  | 'zip'
  | 'safetensors'
  | 'hdf5'
  | 'keras'
  | 'mat'
  | 'onnx'
  | 'codec'
  | 'pose-model'
  | 'coco'
  | 'coco-eval'
  | 'mpii';

/** Whole files to begin with, and how they are changed. */
export interface Corpus {
  readonly files: readonly Uint8Array[];
  readonly mutate: (draw: Draw, file: Uint8Array, other: Uint8Array) => Uint8Array;
}

const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const fixtures = (folder: string, pattern: RegExp): Uint8Array[] =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => new Uint8Array(readFileSync(`${folder}/${name}`)));

function mat(): Uint8Array[] {
  const { deflateSync } = process.getBuiltinModule('node:zlib');
  const element = (type: number, data: Uint8Array): Uint8Array =>
    concat([Uint8Array.from([...u32(type), ...u32(data.length)]), data, new Uint8Array((8 - (data.length % 8)) % 8)]);
  const matrix = (kind: number, dims: number[], name: string, rest: Uint8Array): Uint8Array =>
    element(
      14,
      concat([
        element(6, Uint8Array.from([...u32(kind), ...u32(0)])),
        element(5, Uint8Array.from(dims.flatMap((d) => u32(d)))),
        element(1, text(name)),
        rest,
      ]),
    );
  const doubles = matrix(6, [3, 14, 2], 'joints', element(9, new Uint8Array(8 * 84)));
  const bytes = matrix(6, [5, 1], 'b', element(2, Uint8Array.of(1, 2, 3, 4, 5)));
  const words = matrix(4, [1, 3], 't', element(4, Uint8Array.of(97, 0, 98, 0, 99, 0)));
  const cell = matrix(1, [2, 1], 'c', concat([matrix(6, [1, 1], '', element(9, new Uint8Array(8))), words]));
  const struct = matrix(
    2,
    [1, 1],
    's',
    concat([element(5, Uint8Array.from(u32(8))), element(1, text('a\0\0\0\0\0\0\0b\0\0\0\0\0\0\0')), cell, bytes]),
  );
  const header = new Uint8Array(128).fill(0x20);
  header.set([0, 1, 0x49, 0x4d], 124);
  const packed = (of: Uint8Array): Uint8Array => {
    const data = new Uint8Array(deflateSync(of));
    return concat([Uint8Array.from([...u32(15), ...u32(data.length)]), data]);
  };
  return [
    concat([header, doubles, words]),
    concat([header, struct, cell]),
    concat([header, packed(doubles), packed(struct)]),
  ];
}

/** The corpus of a reader; `root` is the repository. */
export async function corpusOf(reader: ReaderName, root: string): Promise<Corpus> {
  const interop = `${root}/test/fixtures/interop`;
  const inBytes = (draw: Draw, file: Uint8Array, other: Uint8Array): Uint8Array => mutateBytes(draw, file, other);
  const inJson = (draw: Draw, file: Uint8Array): Uint8Array => text(mutateJson(draw, decode(file)));
  const inKeras = (draw: Draw, file: Uint8Array): Uint8Array =>
    mutateZip(draw, file, (d, name, data) => (name.endsWith('.json') ? inJson(d, data) : mutateBytes(d, data)));
  const small = (files: Uint8Array[]): Uint8Array[] => files.filter((file) => file.length < 60_000);
  switch (reader) {
    case 'pth': {
      const one = tensor(storage(), numbers([2, 2]), numbers([2, 1]));
      const legacy = legacyPth(concat([op.emptyDict, op.mark, op.text('w'), one, op.setItems]), concat([op.mark, op.text('0'), op.list]));
      const files = [...small(fixtures(interop, /\.pth$/)), pth([op.text('w'), one], { 0: new Uint8Array(16) }), concat([legacy, Uint8Array.from([4, 0, 0, 0, 0, 0, 0, 0]), new Uint8Array(16)])];
      return { files, mutate: (draw, file) => file[0] !== 0x50 ? (draw(3) === 0 ? legacyPth(randomPickle(draw).slice(2, -1)) : mutatePickle(draw, file)) : mutateZip(draw, file, (d, name, data) => (name.endsWith('.pkl') ? mutatePickle(d, data) : mutateBytes(d, data))) };
    }
    case 'zip': return { files: [...small(fixtures(interop, /\.(pth|keras)$/)).filter((f) => f[0] === 0x50)], mutate: (draw, file) => mutateZip(draw, file, (d, _, data) => mutateBytes(d, data)) };
    case 'safetensors': {
      const files = [...fixtures(interop, /\.safetensors$/), writeSafetensors({ a: { shape: [2, 3], data: new Float32Array(6) }, 'b.c': { shape: [4], data: new Float32Array(4) } }, { metadata: { format: 'pt' } })];
      return { files, mutate: (draw, file, other) => {
        if (draw(3) === 0) return mutateBytes(draw, file, other);
        const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
        return withLength(text(mutateJson(draw, decode(file.subarray(8, 8 + length)))), file.subarray(8 + length));
      } };
    }
    case 'hdf5': return { files: [writeHdf5({ 'layers/dense/vars/0': { shape: [2, 2], data: new Float32Array(4) }, 'layers/dense/vars/1': { shape: [2], data: new Float32Array(2) }, x: { shape: [], data: new Float32Array(1) } }), writeHdf5(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`g${i % 7}/d${i}`, { shape: [3], data: new Float32Array(3) }])))], mutate: inBytes };
    case 'keras': return { files: [...small(fixtures(interop, /\.keras$/)), ...(await withModels(exportKeras))], mutate: inKeras };
    case 'mat': return { files: mat(), mutate: (draw, file, other) => {
      // What is compressed is changed before it is compressed, too.
      if (draw(2) === 0 || file.length < 200) return mutateBytes(draw, file, other);
      const { deflateSync } = process.getBuiltinModule('node:zlib');
      const inner = mutateBytes(draw, mat()[draw(2)]!.subarray(128), other);
      const data = new Uint8Array(deflateSync(inner));
      return concat([file.subarray(0, 128), Uint8Array.from([...u32(15), ...u32(data.length)]), data]);
    } };
    case 'onnx': return { files: onnx(), mutate: (draw, file) => mutateProtobuf(draw, file) };
    case 'codec': {
      const sizes = { inputSize: [192, 256], heatmapSize: [48, 64] } as const;
      return { files: [gaussianCodec(sizes), gaussianCodec({ ...sizes, center: 'exact', refine: dark }), cpnCodec(sizes), offsetCodec(sizes), simccCodec({ inputSize: [192, 256] }), integralCodec(sizes), coordinateCodec({ inputSize: [192, 256] }), diskOffsetCodec({ inputSize: [257, 353] })].map((codec) => text(codec)), mutate: inJson };
    }
    case 'pose-model': return { files: [...(await withModels(savePoseModel)), ...(await withModels(exportKeras))], mutate: (draw, file, other) => (file[0] === 0x50 ? inKeras(draw, file) : draw(4) === 0 ? mutateBytes(draw, file, other) : mutatePoseModel(draw, file)) };
    case 'coco-eval': return { files: [text(coco({})), text(coco({ area: undefined, iscrowd: 1 }))], mutate: (draw, file, other) => (draw(6) === 0 ? mutateBytes(draw, file, other) : inJson(draw, file)) };
    case 'coco': return { files: [text(syntheticPeople({ count: 3, seed: 1 }).json), text({ ...syntheticPeople({ count: 1, seed: 2 }).json, info: { a: [1, { b: 'c' }] } })], mutate: (draw, file, other) => (draw(6) === 0 ? mutateBytes(draw, file, other) : inJson(draw, file)) };
    case 'mpii': return { files: [text([{ image: 'a.jpg', joints: Array.from({ length: 16 }, (_, k) => [k, k + 1]), joints_vis: new Array(16).fill(1), center: [50, 60], scale: 1.2 }])], mutate: inJson };
  }
} // prettier-ignore

/** Files of small pose models: convolutions, in groups too, normalisation, and what belongs to them. */
async function withModels(write: (model: PoseModel) => Promise<Uint8Array>): Promise<Uint8Array[]> {
  registerLayers();
  const sizes = { inputSize: [16, 16], heatmapSize: [4, 4] } as const;
  const set = keypointSet({ name: 'two', names: ['left', 'right'], flipPairs: [['left', 'right']], edges: [['left', 'right']] }); // prettier-ignore
  const body = [
    chain({ stem: conv({ filters: 4, kernelSize: 3, strides: 4 }), bn: batchNorm(), grouped: conv({ filters: 4, kernelSize: 3, groups: 2 }), final: conv({ filters: 2, kernelSize: 1, useBias: true }) }), // prettier-ignore
    chain({ final: conv({ filters: 2, kernelSize: 4, strides: 4 }) }),
  ];
  const files: Uint8Array[] = [];
  for (const [i, block] of body.entries()) {
    const image = input({ shape: [16, 16, 3], name: 'image' });
    const network = model({ inputs: image, outputs: block(image, '') });
    const codec = i === 0 ? gaussianCodec({ ...sizes, refine: dark }) : gaussianCodec(sizes);
    files.push(await write(poseModel({ network, codec, keypointSet: set, provenance: { recipe: 'none', metrics: { PCK: 0.5 } } }))); // prettier-ignore
    network.dispose();
  }
  return files;
}

/** A small model: a constant of floats, two nodes, metadata. */
function onnx(): Uint8Array[] {
  const field = (number: number, body: Uint8Array): Uint8Array =>
    concat([Uint8Array.of(number * 8 + 2, body.length), body]);
  const constant = concat([
    field(1, Uint8Array.of(2, 3)),
    Uint8Array.of(16, 1),
    field(8, text('w')),
    field(9, new Uint8Array(24)),
  ]);
  const halves = concat([Uint8Array.of(8, 2, 16, 10), field(8, text('h')), field(9, new Uint8Array(4))]);
  const node = concat([
    field(1, text('x')),
    field(1, text('w')),
    field(2, text('y')),
    field(3, text('n')),
    field(4, text('Conv')),
  ]);
  const graph = concat([field(1, node), field(5, constant), field(5, halves)]);
  const meta = concat([field(1, text('poseblocks.codec')), field(2, text('{}'))]);
  return [
    concat([
      Uint8Array.of(8, 8),
      concat([Uint8Array.of(58, 128 | (graph.length & 127), graph.length >> 7), graph]),
      field(14, meta),
    ]),
  ];
}
