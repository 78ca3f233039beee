import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import {
  DatasetError,
  readCoco,
  readDetections,
  readLsp,
  readMat,
  readMpii,
  readMpiiMat,
  streamCoco,
  syntheticPeople,
  type MatValue,
} from 'poseblocks/datasets';
import { MPII } from 'poseblocks/keypoints';
import { seededRandom, type Random } from 'poseblocks/random';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/datasets/${name}`, import.meta.url));
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const joints = MPII.names.map((_, k) => [10 + k, 20 + k]);
const mpii = { image: 'a.jpg', center: [594, 257], scale: 3.02, joints, joints_vis: MPII.names.map(() => 1) };
const coco = text(syntheticPeople({ seed: 1, count: 2, imageSize: [48, 48] }).json);
const source = 'fuzzed.file';
/** `file, place: what must hold`; the place may be the whole file. */
const NAMED = /^fuzzed\.file(, \S.*)?: (\S.* )?must /s;

/** The same file without compression, so that mutations reach what lies behind the checksum. */
function uncompressed(file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [file.subarray(0, 128)];
  const view = new DataView(file.buffer, file.byteOffset);
  for (let at = 128; at < file.length;) {
    const end = at + 8 + view.getUint32(at + 4, true);
    parts.push(view.getUint32(at, true) === 15 ? inflateSync(file.subarray(at + 8, end)) : file.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}
const both = (name: string): Uint8Array[] => [fixture(name), uncompressed(fixture(name))];

function walk(value: MatValue, depth = 0): void {
  if (depth > 70) return;
  if (value.kind === 'cell') for (let i = 0; i < Math.min(value.length, 1000); i++) walk(value.at(i), depth + 1);
  if (value.kind !== 'struct') return;
  for (let i = 0; i < Math.min(value.length, 1000); i++) {
    for (const field of value.fields) {
      const inner = value.at(i, field);
      if (inner) walk(inner, depth + 1);
    }
  }
}

/** Each reader, with good files to begin from. */
export const READERS: Readonly<Record<string, { seeds: readonly Uint8Array[]; read: (bytes: Uint8Array) => unknown }>> =
  {
    readCoco: { seeds: [coco], read: (bytes) => readCoco(new TextDecoder().decode(bytes), { source }) },
    streamCoco: {
      seeds: [coco],
      read: async (bytes) => {
        async function* open() {
          for (let i = 0; i < bytes.length; i += 700) yield bytes.subarray(i, i + 700);
        }
        for await (const person of streamCoco(open, { source })) void person;
      },
    },
    readMpii: { seeds: [text([mpii, mpii])], read: (bytes) => readMpii(new TextDecoder().decode(bytes), { source }) },
    readDetections: {
      seeds: [text([{ image_id: 785, category_id: 1, bbox: [277.5, 45.25, 225, 333], score: 0.9 }])],
      read: (bytes) => readDetections(new TextDecoder().decode(bytes), { source }),
    },
    readMat: {
      seeds: [fixture('types_v6.mat'), ...both('types_v7.mat'), fixture('types_big_endian.mat')],
      read: async (bytes) => {
        for (const value of (await readMat(bytes, { source, maxBytes: 2 ** 24 })).values()) walk(value);
      },
    },
    readLsp: {
      seeds: ['lsp_joints.mat', 'lspet_joints.mat'].flatMap(both),
      read: (bytes) => readLsp(bytes, { source }),
    },
    readMpiiMat: { seeds: both('mpii_release.mat'), read: (bytes) => readMpiiMat(bytes, { source }) },
  };

/** One to eight changes: bytes flipped, set or repeated, stretches removed, copied or cut off, or numbers made large. */
export function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes = Uint8Array.from(seed);
  const changes = 1 + random.integer(8);
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    const at = random.integer(bytes.length);
    const length = 1 + random.integer(32);
    switch (random.integer(6)) {
      case 0:
        bytes[at]! ^= 1 << random.integer(8);
        break;
      case 1:
        bytes[at] = random.integer(256);
        break;
      case 2:
        bytes.fill(random.pick([0, 255, 127, 57]), at, at + length);
        break;
      case 3:
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length));
        break;
      case 4:
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(0, length), ...bytes.subarray(at));
        break;
      default:
        if (random.chance(0.3)) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}

const ODD = [
  null,
  true,
  '',
  'text',
  -1,
  0.5,
  1e300,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { id: 1 },
  [1, 2, 3, 4],
  '__proto__',
];

/** Half of the time as bytes; else still JSON, with one to four values deep inside replaced, removed, doubled or moved. */
function mutateJson(seed: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.5)) return mutate(seed, random);
  const root: unknown = JSON.parse(new TextDecoder().decode(seed));
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    let parent = root as Record<string, unknown>;
    for (;;) {
      const keys = Object.keys(parent);
      if (keys.length === 0) break;
      const key = random.pick(keys);
      const child = parent[key];
      if (typeof child === 'object' && child !== null && random.chance(0.8)) {
        parent = child as Record<string, unknown>;
        continue;
      }
      const change = random.integer(4);
      if (change === 0) parent[key] = structuredClone(random.pick(ODD));
      else if (change === 1) parent[key] = structuredClone(parent[random.pick(keys)]);
      else if (Array.isArray(parent)) parent.splice(Number(key), change - 2, structuredClone(child));
      else if (change === 2) delete parent[key];
      else parent[random.pick(['keypoints', 'bbox', 'id', 'images'])] = child;
      break;
    }
  }
  return text(root);
}

/**
 * Reads `count` mutated files with one reader. Anything but a result or a {@link DatasetError} that names the file and
 * says what is wrong there throws, with the seed that shows it again.
 *
 * @returns how many were read and rejected, and the milliseconds of the slowest.
 */
export async function fuzz(
  name: string,
  count: number,
  run: number,
): Promise<{ read: number; rejected: number; slowest: number }> {
  const { seeds, read } = READERS[name]!;
  const result = { read: 0, rejected: 0, slowest: 0 };
  for (let i = 0; i < count; i++) {
    const random = seededRandom(run, i);
    const seed = random.pick(seeds);
    const bytes = seed[0] === 0x7b || seed[0] === 0x5b ? mutateJson(seed, random) : mutate(seed, random);
    const start = performance.now();
    try {
      await read(bytes);
      result.read++;
    } catch (error) {
      if (!(error instanceof DatasetError && NAMED.test(error.message))) {
        throw new Error(`${name}, run ${run}, file ${i}: ${String(error)}`, { cause: error });
      }
      result.rejected++;
    }
    result.slowest = Math.max(result.slowest, performance.now() - start);
  }
  return result;
}
