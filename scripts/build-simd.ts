// Builds assembly/ into src/engines/wasm/simd/bytes/: plain and relaxed SIMD for ordinary memory, and what they differ by for shared memory.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { deflateSync } from 'fflate';
import type { Delta } from '../src/engines/wasm/simd/delta';

const COMMON = '-O3 --noAssert --runtime stub --importMemory --noExportMemory --initialMemory 1'.split(' ');
const SHARED = ['--sharedMemory', '--maximumMemory', '65536'];

export const variants = {
  plain: ['--enable', 'simd'],
  relaxed: ['--enable', 'simd,relaxed-simd'],
  plainShared: ['--enable', 'simd,threads', ...SHARED],
  relaxedShared: ['--enable', 'simd,relaxed-simd,threads', ...SHARED],
} as const;

export type Variant = keyof typeof variants;

/** The variant that one for shared memory is kept as a delta of; undefined for the others. */
export function baseOf(variant: Variant): 'plain' | 'relaxed' | undefined {
  return variant === 'plainShared' ? 'plain' : variant === 'relaxedShared' ? 'relaxed' : undefined;
}

/** The bytes of one variant, built from the sources. */
export async function compile(variant: Variant): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ['assembly/index.ts', ...COMMON, ...variants[variant], '--outFile', `${variant}.wasm`],
    {
      writeFile: (_, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`asc: ${variant}: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  return binary;
}

/** Bytes of `base` that are worth a place in a delta, and how far from where they should be they are looked for. */
const [LEAST, AROUND] = [8, 256];

/** What makes `target` of `base`, which differ in a few places. */
function deltaOf(base: Uint8Array, target: Uint8Array): Delta {
  const delta: ([number, number] | string)[] = [];
  let own: number[] = [];
  const keepOwn = (): void => {
    if (own.length > 0) delta.push(Buffer.from(own).toString('base64'));
    own = [];
  };
  const common = (from: number, at: number): number => {
    let length = 0;
    while (from >= 0 && from + length < base.length && base[from + length] === target[at + length]) length++;
    return Math.min(length, target.length - at);
  };
  for (let at = 0, expected = 0; at < target.length;) {
    let [from, length] = [expected, 0];
    for (let place = expected - AROUND; place <= expected + AROUND; place++) {
      const found = common(place, at);
      if (found > length) [from, length] = [place, found];
    }
    if (length < LEAST) {
      own.push(target[at]!);
      at++;
      expected++;
      continue;
    }
    keepOwn();
    delta.push([from, length]);
    at += length;
    expected = from + length;
  }
  keepOwn();
  return delta;
}

/** Where the TypeScript module that carries a variant lies, and what it says: the bytes, deflated (a page compresses base64 of wasm badly), or for shared memory what they differ by from `base`. */
export function moduleFile(variant: Variant, bytes: Uint8Array, base?: Uint8Array): { path: string; source: string } {
  const name = variant.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const value = base
    ? `Delta = [\n${deltaOf(base, bytes).map(line).join('')}]`
    : `string =\n  '${Buffer.from(deflateSync(bytes, { level: 9 })).toString('base64')}'`;
  const imported = base ? "import type { Delta } from '../delta';\n\n" : '';
  return {
    path: `src/engines/wasm/simd/bytes/${name}.ts`,
    source: `// Built by \`npm run build:simd\` from assembly/.\n${imported}export const ${variant}: ${value};\n`,
  };
}

const line = (piece: Delta[number]): string =>
  `  ${typeof piece === 'string' ? `'${piece}'` : `[${piece.join(', ')}]`},\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = new Map<Variant, Uint8Array>(); // a base comes before what is kept as a delta of it
  for (const variant of Object.keys(variants) as Variant[]) {
    const bytes = await compile(variant);
    built.set(variant, bytes);
    const base = baseOf(variant);
    const { path, source } = moduleFile(variant, bytes, base && built.get(base));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source);
    console.log(`${path}: ${bytes.length} bytes`);
  }
}
