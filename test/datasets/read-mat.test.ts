import { readFileSync } from 'node:fs';
import { DatasetError, readMat, type MatValue } from 'poseblocks/datasets';
import { describe, expect, it } from 'vitest';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/datasets/${name}`, import.meta.url));
const expected = JSON.parse(Buffer.from(fixture('expected.json')).toString()) as {
  types: Record<string, number[]>;
  cube: number[];
};
const numeric = (value: MatValue | undefined) => {
  if (value?.kind !== 'numeric') throw new Error(`expected numbers, got ${value?.kind}`);
  return value;
};

/** Written by scipy: see test/fixtures/datasets/write_mat.py. */
describe.each(['types_v6.mat', 'types_v7.mat', 'types_big_endian.mat'])('readMat of %s', (file) => {
  const read = readMat(fixture(file));

  it.each([
    ['float64', Float64Array],
    ['float32', Float32Array],
    ['int8', Int8Array],
    ['uint8', Uint8Array],
    ['int16', Int16Array],
    ['uint16', Uint16Array],
    ['int32', Int32Array],
    ['uint32', Uint32Array],
    ['int64', BigInt64Array],
    ['uint64', BigUint64Array],
  ] as const)('%s', async (name, type) => {
    const value = numeric((await read).get(name));
    expect(value.data).toBeInstanceOf(type);
    expect(value.shape).toEqual([2, 3]);
    expect(Array.from(value.data, Number)).toEqual(expected.types[name]);
  });

  it('keeps 64-bit integers exact', async () => {
    expect([...numeric((await read).get('large')).data]).toEqual([2n ** 62n + 1n, -5n]);
  });

  it('reads complex, logical, three-dimensional, scalar and empty matrices', async () => {
    const values = await read;
    const complex = numeric(values.get('complex'));
    expect([[...complex.data], [...complex.imaginary!]]).toEqual([[1, 3], [2, -4]]); // prettier-ignore
    expect(numeric(values.get('logical'))).toMatchObject({ logical: true, shape: [1, 3] });
    expect([...numeric(values.get('logical')).data]).toEqual([1, 0, 1]);
    expect(numeric(values.get('cube'))).toMatchObject({ logical: false, shape: [2, 3, 4] });
    expect([...numeric(values.get('cube')).data]).toEqual(expected.cube);
    expect([...numeric(values.get('scalar')).data]).toEqual([3.25]);
    expect(numeric(values.get('empty'))).toMatchObject({ shape: [0, 3] });
  });

  it('reads text of one row and of several', async () => {
    const values = await read;
    expect(values.get('word')).toMatchObject({ kind: 'text', rows: ['pose'] });
    expect(values.get('umlaut')).toMatchObject({ kind: 'text', rows: ['Fußgelenk €'] });
    expect(values.get('rows')).toMatchObject({ kind: 'text', rows: ['ab', 'cd', 'ef'], shape: [3, 2] });
  });

  it('reads structs and cells when asked', async () => {
    const values = await read;
    const struct = values.get('struct');
    if (struct?.kind !== 'struct') throw new Error('no struct');
    expect(struct).toMatchObject({ fields: ['name', 'value'], shape: [1, 2], length: 2 });
    expect(struct.at(0, 'name')).toMatchObject({ rows: ['first'] });
    expect(struct.at(1, 'name')).toMatchObject({ rows: ['second'] });
    expect([...numeric(struct.at(0, 'value')).data]).toEqual([1.5, -2.5]);
    expect(numeric(struct.at(1, 'value')).shape).toEqual([0, 0]);
    expect([struct.at(0, 'none'), struct.at(2, 'name')]).toEqual([undefined, undefined]);
    const cell = values.get('cell');
    if (cell?.kind !== 'cell') throw new Error('no cell');
    expect(cell.at(0)).toMatchObject({ rows: ['text'] });
    expect([...numeric(cell.at(1)).data]).toEqual([7]);
    expect(numeric(cell.at(2))).toMatchObject({ shape: [1, 2] });
    expect(numeric(cell.at(3)).data).toHaveLength(0);
  });

  it('decompresses only the variables asked for', async () => {
    expect([...(await readMat(fixture(file), { variables: ['word', 'cube'] })).keys()].sort()).toEqual([
      'cube',
      'word',
    ]);
  });
});

describe('readMat rejects', () => {
  const bytes = fixture('types_v7.mat');
  const hdf5 = new TextEncoder().encode('MATLAB 7.3 MAT-file, Platform: GLNXA64'.padEnd(128));
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'a.mat: must be a MAT file of version 5'],
    ['version 7.3', hdf5, "Save it with save(…, '-v7')."],
    ['another file', new Uint8Array(200).fill(65), 'Received: 200 bytes ending in "AA"'],
    ['a cut file', bytes.subarray(0, 400), 'a.mat, variable'],
    ['damaged zlib data', bytes.map((byte, i) => (i === 150 ? byte ^ 0x55 : byte)), 'a.mat, variable 1'],
  ])('%s', async (_, input, message) => {
    const error = await readMat(input, { source: 'a.mat' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain(message);
  });

  it('what decompresses to more than it may', async () => {
    await expect(readMat(bytes, { maxBytes: 100 })).rejects.toThrow(
      'must fit into the limit of the file, 100 bytes (raise maxBytes if this is right)',
    );
  });
});
