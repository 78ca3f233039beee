import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { crc32, crc32c, fromFloat16, readZip, toFloat16, writeZip } from 'poseblocks/bytes';
import {
  parseSafetensors,
  readPth,
  readSafetensors,
  safetensorsMetadata,
  writeSafetensors,
  type StateTensor,
} from 'poseblocks/interop';
import { describe, expect, it } from 'vitest';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/interop/${name}`, import.meta.url)));
const eighths = (...shape: number[]): StateTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 8),
});

describe('readPth', () => {
  it.each(['state.pth', 'legacy.pth'])('reads every kind of tensor of %s', (name) => {
    expect(readPth(fixture(name))).toEqual({
      'conv.weight': eighths(2, 3, 2, 2),
      'conv.bias': eighths(2),
      'turned.weight': { shape: [4, 3], data: Float32Array.from([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], (i) => i / 8) },
      'part.weight': { shape: [2, 3], data: Float32Array.from([3, 4, 5, 6, 7, 8], (i) => i / 8) },
      half: eighths(5),
      brain: eighths(5),
      double: eighths(3),
      'bn.num_batches_tracked': { shape: [], data: Float32Array.of(7) },
      empty: { shape: [0, 3], data: new Float32Array(0) },
    });
  });

  it.each(['run.pth', 'run5.pth'])('finds the weights in a whole run, %s, and passes over the rest', (name) => {
    expect(readPth(fixture(name))).toEqual({ 'module.conv.weight': eighths(2, 2) });
  });

  it('asks which of two', () => {
    expect(() => readPth(fixture('two.pth'))).toThrow(
      'readPth: the file must hold a state dict. Received: keys epoch, generator, critic; tensors in generator, critic. Name one with { key }.',
    );
    expect(readPth(fixture('two.pth'), { key: 'critic' })).toEqual({ w: eighths(2) });
    expect(() => readPth(fixture('two.pth'), { key: 'epoch' })).toThrow('epoch must hold tensors');
  });

  it('refuses a whole module, and says how to save it', () => {
    expect(() => readPth(fixture('module.pth'))).toThrow(
      'Received: a complete torch.nn.modules.conv.Conv2d. In Python, save module.state_dict() instead.',
    );
  });

  it('runs nothing that a pickle names', () => {
    // {'w': os.system('…')}, as an attacker writes it
    const pickle = '}X\x01\x00\x00\x00wcposix\nsystem\nX\x04\x00\x00\x00exit\x85Rs.';
    const bytes = writeZip({ 'archive/data.pkl': Uint8Array.from(`\x80\x02${pickle}`, (c) => c.charCodeAt(0)) });
    expect(() => readPth(bytes)).toThrow('must hold a state dict. Received: keys w.');
  });

  it.each(['state.pth', 'legacy.pth', 'run5.pth'])(
    '%s, damaged, is an error that says so, or another tensor',
    (name) => {
      const bytes = fixture(name);
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
          const broken = cut ? bytes.slice(0, at) : bytes.slice().fill(value, at, at + 1);
          try {
            readPth(broken);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
            expect((error as Error).message).toMatch(/^readPth: /);
          }
        }),
        { numRuns: 400, seed: 5 },
      );
    },
  );
});

describe('safetensors', () => {
  it('reads every type of Python’s writer', () => {
    const { F32, F16, BF16, F64, ...others } = readSafetensors(fixture('types.safetensors'));
    for (const tensor of [F32, F16, BF16, F64]) expect(tensor).toEqual(eighths(2, 3));
    const pair = { shape: [2], data: Float32Array.of(0, 1) };
    expect(others).toEqual({
      I64: pair,
      I32: pair,
      U8: pair,
      BOOL: pair,
      scalar: { shape: [], data: Float32Array.of(3.5) },
    });
    expect(safetensorsMetadata(fixture('types.safetensors'))).toEqual({ format: 'np' });
  });

  it('gives back what it wrote, exactly as float32, rounded as float16', () => {
    const tensors = { a: eighths(2, 3), b: { shape: [], data: Float32Array.of(Math.PI) }, c: eighths(0) };
    const full = writeSafetensors(tensors, { metadata: { epoch: '3' } });
    expect(readSafetensors(full)).toEqual(tensors);
    expect(safetensorsMetadata(full)).toEqual({ epoch: '3' });
    expect(safetensorsMetadata(full.slice(0, -4))).toEqual({ epoch: '3' }); // of the header alone
    expect(() => parseSafetensors(full.slice(0, -4))).toThrow('parseSafetensors: ');
    const half = readSafetensors(writeSafetensors(tensors, { dtype: 'float16' }));
    expect(half).toEqual({ ...tensors, b: { shape: [], data: Float32Array.of(3.140625) } });
  });

  it('refuses what it cannot keep, and what is no file', () => {
    expect(() => writeSafetensors({ w: { shape: [2], data: new Float32Array(3) } })).toThrow(
      'writeSafetensors: w must have as many numbers as its shape. Received: 3 for [2].',
    );
    expect(() => writeSafetensors({ w: { shape: [1], data: Float32Array.of(7e4) } }, { dtype: 'float16' })).toThrow(
      'w must be below 65,520 to be stored as float16. Received: 70000.',
    );
    expect(() => readSafetensors(new Uint8Array(4))).toThrow('readSafetensors: the file must start with');
    const bytes = fixture('types.safetensors');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        try {
          readSafetensors(cut ? bytes.slice(0, at) : bytes.slice().fill(value, at, at + 1));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 400, seed: 6 },
    );
  });
});

describe('bytes', () => {
  it('knows the checksums of the standards', () => {
    const digits = new TextEncoder().encode('123456789');
    expect([crc32(digits), crc32c(digits)]).toEqual([0xcbf43926, 0xe3069283]);
  });

  it('takes every half there and back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const isNaN16 = (half: number): boolean => (half & 0x7fff) > 0x7c00;
    toFloat16(fromFloat16(all)).forEach((half, i) => {
      if (isNaN16(i)) expect(isNaN16(half)).toBe(true);
      else expect(half).toBe(i);
    });
  });

  it('packs archives, and finds damage', () => {
    const files = { 'a.txt': Uint8Array.of(1, 2, 3), 'b/ü': new Uint8Array(0) };
    const bytes = writeZip(files);
    expect(Object.fromEntries(readZip(bytes))).toEqual(files);
    expect(() => readZip(bytes.slice(0, -1))).toThrow('readZip: the bytes must be a complete ZIP archive.');
    expect(() => readZip(bytes.fill(9, 36, 37))).toThrow('the checksum of a.txt must match');
    const many = Object.fromEntries(Array.from({ length: 65536 }, (_, i) => [`${i}`, new Uint8Array(0)]));
    expect(() => writeZip(many)).toThrow(
      'at most 65535 files, with names of at most 65535 bytes. Received: 65536 files',
    );
  });
});
