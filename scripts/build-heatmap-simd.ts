// Builds assembly/heatmap-*.ts into src/postprocess/simd/*-bytes.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** The modules: their sources, the files with their bytes, and what is particular to each. */
export const modules = [
  { source: 'heatmap-peaks', path: 'src/postprocess/simd/peaks-bytes.ts', memory: '' },
  { source: 'heatmap-soft-sums', path: 'src/postprocess/simd/soft-sums-bytes.ts', memory: '--importMemory' },
] as const;

/** The TypeScript module with a WebAssembly module's bytes, built from the sources. */
export async function build({ source, memory }: (typeof modules)[number]): Promise<string> {
  let binary: Uint8Array | undefined;
  const options = `-O3 --noAssert --runtime stub --initialMemory 1 --enable simd ${memory} --outFile heatmaps.wasm`;
  const { error, stderr } = await asc.main([`assembly/${source}.ts`, ...options.split(' ').filter(Boolean)], {
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error || !binary) throw new Error(`asc: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  const text = Buffer.from(binary).toString('base64');
  return `// Built by \`npx tsx scripts/build-heatmap-simd.ts\` from assembly/${source}.ts.\nexport const bytes: string =\n  '${text}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const each of modules) {
    await mkdir(dirname(each.path), { recursive: true });
    await writeFile(each.path, await build(each));
  }
}
