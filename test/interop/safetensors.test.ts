import { parseSafetensors, writeSafetensors } from 'poseblocks/interop';
import { describe, expect, it } from 'vitest';

function file(header: object, values: readonly number[] = []): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(values)]);
}

describe('safetensors', () => {
  it('gives every type as float32, and needs no alignment', () => {
    const header = {
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      // 1.5, -2, the least subnormal, the largest number, -infinity: numpy.float16(…).tobytes()
      b: { dtype: 'F16', shape: [5], data_offsets: [8, 18] },
      'bn1.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [18, 26] },
    };
    const half = [0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc];
    const bytes = file(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, ...half, 1, 0, 0, 0, 0, 0, 0, 0]);
    const read = parseSafetensors(Buffer.concat([Buffer.from('x'), bytes]).subarray(1), 'w');
    expect(read.tensors['a']).toEqual({ shape: [2, 1], data: Float32Array.of(1, -2) });
    expect([...read.tensors['b']!.data]).toEqual([1.5, -2, 2 ** -24, 65504, -Infinity]);
    expect(read.tensors['bn1.num_batches_tracked']).toEqual({ shape: [], data: Float32Array.of(1) });
    expect(read.metadata).toEqual({ format: 'pt' });
  });

  it('refuses what is cut short or something else', () => {
    const bytes = file({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, [0, 0, 0, 0, 0, 0, 0, 0]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseSafetensors(bytes.subarray(0, length), 'w')).toThrow(RangeError);
    }
    expect(() => parseSafetensors(file({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }), 'w')).toThrow(
      'w: a must lie within the file. Received: bytes 0 to 8 of 0 for [3] F32.',
    );
    expect(() => parseSafetensors(Buffer.from('PK and so on'), 'w')).toThrow('the header must fit the file');
  });
});

describe('int8', () => {
  const filter = {
    shape: [2, 3, 1, 2],
    data: Float32Array.from({ length: 12 }, (_, i) => (i < 6 ? 1 : 100) * Math.sin(i)),
  };
  const zero = { shape: [1, 4], data: new Float32Array(4) };
  const vector = { shape: [3], data: Float32Array.of(0.1, -70000, 3) };

  it('keeps filters to half a step of each output channel, vectors as they are, in a quarter of the size', () => {
    const bytes = writeSafetensors({ filter, zero, vector }, { dtype: 'int8', metadata: { a: 'b' } });
    const read = parseSafetensors(bytes, 'w');
    expect(Object.keys(read.tensors).sort()).toEqual(['filter', 'vector', 'zero']);
    expect(read.tensors['zero']).toEqual(zero);
    expect(read.tensors['vector']).toEqual(vector);
    expect(read.tensors['filter']!.shape).toEqual(filter.shape);
    read.tensors['filter']!.data.forEach((value, i) => {
      const channel = filter.data.slice(i < 6 ? 0 : 6, i < 6 ? 6 : 12);
      const step = Math.max(...channel.map(Math.abs)) / 127;
      expect(Math.abs(value - filter.data[i]!)).toBeLessThanOrEqual(0.51 * step);
    });
    const large = { shape: [8, 1000], data: Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i)) };
    expect(writeSafetensors({ large }, { dtype: 'int8' }).length).toBeLessThan(8400);
  });

  it('refuses scales that fit no tensor', () => {
    const scale = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
    expect(() => parseSafetensors(file({ 'a.int8_scale': scale }, [0, 0, 0, 0]), 'w')).toThrow(
      'w: a.int8_scale must have a tensor. Received: none.',
    );
    const a = { dtype: 'I8', shape: [2, 1], data_offsets: [4, 6] };
    expect(() => parseSafetensors(file({ a, 'a.int8_scale': scale }, [0, 0, 0, 0, 1, 1]), 'w')).toThrow(
      'w: a must have 2 scales. Received: 1.',
    );
  });
});
