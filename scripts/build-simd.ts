// Builds assembly/ into src/engines/wasm/simd/bytes/: plain and relaxed SIMD, for ordinary and shared memory.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const COMMON = '-O3 --noAssert --runtime stub --importMemory --noExportMemory --initialMemory 1'.split(' ');
const SHARED = ['--sharedMemory', '--maximumMemory', '65536'];

export const variants = {
  plain: ['--enable', 'simd'],
  relaxed: ['--enable', 'simd,relaxed-simd'],
  plainShared: ['--enable', 'simd,threads', ...SHARED],
  relaxedShared: ['--enable', 'simd,relaxed-simd,threads', ...SHARED],
} as const;

export type Variant = keyof typeof variants;

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

/** Where the TypeScript module that carries a variant lies, and what it says. */
export function moduleFile(variant: Variant, bytes: Uint8Array): { path: string; source: string } {
  const name = variant.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const text = Buffer.from(bytes).toString('base64');
  return {
    path: `src/engines/wasm/simd/bytes/${name}.ts`,
    source: `// Built by \`npm run build:simd\` from assembly/.\nexport const ${variant}: string =\n  '${text}';\n`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const variant of Object.keys(variants) as Variant[]) {
    const bytes = await compile(variant);
    const { path, source } = moduleFile(variant, bytes);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source);
    console.log(`${path}: ${bytes.length} bytes`);
  }
}
