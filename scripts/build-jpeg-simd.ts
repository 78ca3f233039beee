// Builds assembly/jpeg.ts into src/datasets/jpeg/bytes.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

export const path = 'src/datasets/jpeg/bytes.ts';

/** The module that carries the bytes, built from the sources. */
export async function build(): Promise<string> {
  let binary: Uint8Array | undefined;
  const options = '-O3 --noAssert --runtime stub --initialMemory 1 --enable simd --outFile jpeg.wasm'.split(' ');
  const { error, stderr } = await asc.main(['assembly/jpeg.ts', ...options], {
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error || !binary) throw new Error(`asc: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  const text = Buffer.from(binary).toString('base64');
  return `// Built by \`npx tsx scripts/build-jpeg-simd.ts\` from assembly/jpeg.ts.\nexport const bytes: string =\n  '${text}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await build());
}
