import { readZip, writeZip } from 'poseblocks/bytes';
import { concat, op, u32 } from '../pickle';

/** Whole numbers from 0 to below `limit`. */
export type Draw = (limit: number) => number;

/** Numbers that lengths, counts and offsets go wrong at. */
const WHOLE = [
  0,
  1,
  2,
  3,
  7,
  8,
  127,
  128,
  255,
  256,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 40,
  2 ** 53,
];
const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)]!;

/** Random changes of bytes: single ones, fields, pieces moved, repeated, cut, and pieces of another file. */
export function mutateBytes(draw: Draw, bytes: Uint8Array, other: Uint8Array = bytes): Uint8Array {
  let out: Uint8Array = Uint8Array.from(bytes);
  for (let n = 1 + draw(4); n > 0; n--) {
    const at = draw(out.length + 1);
    const length = 1 + draw(Math.max(1, Math.min(64, out.length)));
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    switch (draw(9)) {
      case 0: if (at < out.length) out[at] = out[at]! ^ (1 << draw(8)); break;
      case 1: if (at < out.length) out[at] = pick(draw, [0, 1, 127, 128, 255, draw(256)]); break;
      case 2: if (at + 4 <= out.length) view.setUint32(at, pick(draw, WHOLE) >>> 0, true); break;
      case 3: if (at + 8 <= out.length) view.setBigUint64(at & ~7, BigInt(pick(draw, WHOLE)), true); break;
      case 4: out = concat([out.subarray(0, at), out.subarray(at + length)]); break;
      case 5: out = concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)]); break;
      case 6: { const from = draw(other.length); out = concat([out.subarray(0, at), other.subarray(from, from + length), out.subarray(at)]); break; }
      case 7: out = out.slice(0, at); break;
      // A field that points at another place of the file, or at itself.
      default: if ((at & ~7) + 8 <= out.length) view.setBigUint64(at & ~7, BigInt(draw(2) === 0 ? at & ~7 : draw(out.length) & ~7), true);
    }
  } // prettier-ignore
  return out;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const nested = (depth: number, inside: Json): Json => { let value = inside; for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value }; return value; }; // prettier-ignore

function strange(draw: Draw): Json {
  switch (draw(10)) {
    case 0: return pick(draw, WHOLE);
    case 1: return -pick(draw, WHOLE);
    case 2: return pick(draw, [1e300, -1e300, 1e-300, 0.5, 3.5e38]);
    case 3: return 'x'.repeat(pick(draw, [0, 1, 100, 10000]));
    case 4: return pick(draw, ['../x', '\u001b[2J', '__proto__', 'constructor', 'NaN', '\u0000']);
    case 5: return nested(pick(draw, [3, 100, 1000]), 1);
    case 6: return new Array<Json>(pick(draw, [0, 3, 1000])).fill(1);
    case 7: return {};
    case 8: return draw(2) === 0;
    default: return null;
  } // prettier-ignore
}

/** Every place in a tree that holds a value. */
function places(value: Json, found: [Json[] | { [key: string]: Json }, string | number][] = [], limit = 2000): typeof found {
  if (value === null || typeof value !== 'object' || found.length > limit) return found;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    found.push([value, key]);
    places((value as Record<string | number, Json>)[key]!, found, limit);
  }
  return found;
} // prettier-ignore

/** Random changes of a tree: values of other kinds, subtrees elsewhere or twice, members gone or renamed, nesting. */
export function mutateJson(draw: Draw, text: string): string {
  if (draw(12) === 0) return new TextDecoder().decode(mutateBytes(draw, new TextEncoder().encode(text)));
  const root = [JSON.parse(text) as Json];
  for (let n = 1 + draw(3); n > 0; n--) {
    const all = places(root);
    if (all.length === 0) break;
    const [holder, key] = pick(draw, all);
    const [fromHolder, from] = pick(draw, all);
    const target = holder as Record<string | number, Json>;
    switch (draw(7)) {
      case 0: case 1: target[key] = strange(draw); break;
      case 2: target[key] = JSON.parse(JSON.stringify((fromHolder as Record<string | number, Json>)[from] ?? null)) as Json; break;
      case 3: if (Array.isArray(holder)) holder.splice(Number(key), 1); else delete target[key]; break;
      case 4: if (Array.isArray(holder)) holder.push(...JSON.parse(JSON.stringify(holder.slice(0, 50))) as Json[]); else { target[String(pick(draw, ['id', 'x', key, '__proto__x']))] = target[key]!; } break;
      case 5: target[key] = nested(pick(draw, [1, 2, 50, 300]), target[key]!); break;
      default: if (typeof target[key] === 'number') target[key] = pick(draw, [target[key] + 1, -target[key], target[key] * 1e6, pick(draw, WHOLE)]); else target[key] = strange(draw);
    }
  } // prettier-ignore
  return JSON.stringify(root[0] ?? null);
}

/** A pickle of random instructions, whose values are shared, nested in each other and in themselves. */
export function randomPickle(draw: Draw): Uint8Array {
  const steps: Uint8Array[] = [op.proto, op.emptyDict, op.put(0)];
  for (let n = draw(60); n > 0; n--) {
    steps.push(pick(draw, [
      op.mark, op.mark, op.emptyDict, op.emptyList, op.emptyTuple, op.setItems, op.tuple, op.list, op.append, op.reduce, op.persistent,
      op.tuple2, op.text('storage'), op.text('w'), op.int(pick(draw, WHOLE)), op.int(1), op.global('torch', 'FloatStorage'),
      op.global('torch._utils', '_rebuild_tensor_v2'), op.global('collections', 'OrderedDict'), op.global('torch', 'Size'), op.global('os', 'system'),
      op.put(draw(6)), op.get(draw(6)), op.get(draw(6)), op.long4(new Uint8Array(pick(draw, [0, 1, 9, 200, 5000])).fill(draw(256))),
      Uint8Array.of(pick(draw, [...'012bsetuadNGKMJ\x85\x87\x88\x8c\x8f\x90\x91\x92\x93\x94\x95\x81'].map((c) => c.charCodeAt(0))), draw(256)),
    ])); // prettier-ignore
  }
  return concat([...steps, op.stop]);
}

/** Splits a pickle between its instructions, roughly: at opcodes that take nothing. */
export function mutatePickle(draw: Draw, bytes: Uint8Array): Uint8Array {
  if (draw(3) === 0) return randomPickle(draw);
  if (draw(3) === 0) return mutateBytes(draw, bytes);
  const at = draw(bytes.length);
  const inserted = pick(draw, [op.get(draw(8)), op.put(draw(8)), op.tuple2, op.mark, op.emptyList, op.reduce, op.persistent, op.append, randomPickle(draw).subarray(2, 20)]); // prettier-ignore
  return concat([bytes.subarray(0, at), inserted, bytes.subarray(at + draw(3))]);
}

/** An archive whose members are changed, with checksums that hold; or its own structure. */
export function mutateZip(draw: Draw, bytes: Uint8Array, member: (draw: Draw, name: string, data: Uint8Array) => Uint8Array): Uint8Array {
  if (draw(4) === 0) return mutateBytes(draw, bytes);
  const files = [...readZip(bytes)];
  const chosen = draw(files.length);
  const changed = files.map(([name, data], i) => [name, i === chosen ? member(draw, name, data) : data] as const);
  if (draw(10) === 0) changed.push([pick(draw, files)[0] + 'x', pick(draw, files)[1]]);
  const out = writeZip(Object.fromEntries(changed));
  if (draw(5) !== 0) return out;
  // Two entries of the directory on one file.
  const view = new DataView(out.buffer);
  const entries: number[] = [];
  for (let i = 0; i + 46 < out.length; i++) if (view.getUint32(i, true) === 0x02014b50) entries.push(i);
  if (entries.length > 1) out.set(out.subarray(entries[0]! + 10, entries[0]! + 46), entries[draw(entries.length)]! + 10);
  return out;
} // prettier-ignore

/** The length that stands before a header, made right again. */
export function withLength(header: Uint8Array, rest: Uint8Array): Uint8Array {
  return concat([Uint8Array.from([...u32(header.length), ...u32(0)]), header, rest]);
}

/** A pose model's file: its header, and the JSON that its metadata holds as text, as one tree. */
export function mutatePoseModel(draw: Draw, file: Uint8Array): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<string, Record<string, Json>>; // prettier-ignore
  const rest = file.subarray(8 + length);
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)); // prettier-ignore
  if (draw(4) === 0) return withLength(text(mutateJson(draw, JSON.stringify(header))), rest);
  const metadata = header['__metadata__']!;
  // Most of a header is topology: each record is as likely to be changed as another.
  const chosen = pick(draw, Object.keys(metadata));
  const changed = { ...metadata, [chosen]: mutateJson(draw, metadata[chosen] as string) };
  return withLength(text({ ...header, __metadata__: changed }), rest);
}

/** A protocol buffer: fields repeated, moved, emptied, nested in each other, with their lengths right. */
export function mutateProtobuf(draw: Draw, bytes: Uint8Array, depth = 0): Uint8Array {
  if (draw(5) === 0 || depth > 6) return mutateBytes(draw, bytes);
  const fields: { head: Uint8Array; body: Uint8Array | null }[] = [];
  let at = 0;
  const varint = (): number => { let [value, scale] = [0, 1]; for (;;) { const byte = bytes[at++] ?? 0; value += (byte & 127) * scale; scale *= 128; if (byte < 128 || at >= bytes.length) return value; } }; // prettier-ignore
  while (at < bytes.length) {
    const from = at;
    const key = varint();
    const wire = key % 8;
    const head = bytes.slice(from, at);
    if (wire === 2) { const length = varint(); fields.push({ head, body: bytes.slice(at, at + length) }); at += length; }
    else { if (wire === 0) varint(); else at += wire === 1 ? 8 : 4; fields.push({ head: bytes.slice(from, at), body: null }); } // prettier-ignore
  }
  if (fields.length === 0) return mutateBytes(draw, bytes);
  const i = draw(fields.length);
  const field = fields[i]!;
  switch (draw(5)) {
    case 0: fields.splice(i, 1); break;
    case 1: for (let n = 1 + draw(20); n > 0; n--) fields.splice(draw(fields.length), 0, field); break;
    case 2: field.body = pick(draw, fields).body ?? field.body; break;
    default: if (field.body) field.body = mutateProtobuf(draw, field.body, depth + 1);
  } // prettier-ignore
  return concat(fields.flatMap(({ head, body }) => (body ? [head, lengthOf(body.length), body] : [head])));
}

function lengthOf(length: number): Uint8Array {
  const out: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    out.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) return Uint8Array.from(out);
  }
}
