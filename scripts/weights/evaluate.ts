/**
 * Measures the weights of `weights/` on Leeds Sports Poses: both protocols, by keypoint, on whole images, on synthetic people and on other photographs; in ONNX
 * Runtime as well, where the package onnxruntime-node is there. Under five minutes.
 *
 *   npx tsx scripts/weights/evaluate.ts [--data ../shared/data] [--folder weights] [--only lpn-small-leeds] [--write]
 *
 * `--write` keeps the figures in figures.json, which a test pins, and in the tables of the README.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { measure, type WeightsFigures } from './measure';
import { NETWORKS, type WeightsName } from './networks';
import { inOnnxRuntime } from './onnx';
import { figureTables } from './tables';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    folder: { type: 'string', default: 'weights' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const file = join(values.folder, 'figures.json');
const readme = join(values.folder, 'README.md');

console.log(formatEngine(await useEngine('wasm')));
const figures = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, WeightsFigures>) : {};
for (const name of Object.keys(NETWORKS) as WeightsName[]) {
  if (values.only !== undefined && values.only !== name) continue;
  const model = await loadPoseModelFile(join(values.folder, `${name}.safetensors`));
  const begun = performance.now();
  figures[name] = await measure(model.network, values.data);
  console.log(`\n${name}, ${((performance.now() - begun) / 1000).toFixed(0)} s\n\n${figureTables(figures[name])}`);
  const { mean, worst, people } = await inOnnxRuntime(model, values.data);
  console.log(
    `\nIn ONNX Runtime, ${people} people: PCK@0.2 ${mean.onnx.toFixed(4)}, here ${mean.ours.toFixed(4)}; keypoints differ by ${worst.toFixed(4)} px at most.`,
  );
  model.network.dispose();
}
if (values.write) {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  let text = readFileSync(readme, 'utf8');
  for (const [name, figure] of Object.entries(figures)) {
    const [begin, end] = [`<!-- figures of ${name} -->`, `<!-- end of ${name} -->`];
    const [head, tail] = [text.split(begin)[0]!, text.split(end)[1]!];
    text = `${head}${begin}\n\n${figureTables(figure)}\n\n${end}${tail}`;
  }
  writeFileSync(readme, text);
}
