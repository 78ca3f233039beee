/**
 * Measures the weights of `weights/` on Leeds Sports Poses: both protocols, by keypoint, on whole images, on synthetic people and on other photographs; in ONNX
 * Runtime as well, where the package onnxruntime-node is there. Under five minutes.
 *
 *   npx tsx scripts/weights/evaluate.ts [--data ../shared/data] [--folder weights] [--only lpn-small-leeds] [--python python3] [--write]
 *
 * `--python` names a Python with Keras 3, in which the exported networks are measured as well. `--write` keeps the figures in figures.json, which a test pins, and in the tables of the README.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { inKeras } from './keras';
import { measure, type WeightsMetrics } from './measure';
import { NETWORKS, type WeightsName } from './networks';
import { inOnnxRuntime } from './onnx';
import { figureTables } from './tables';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    folder: { type: 'string', default: 'weights' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    python: { type: 'string' },
  },
});
const file = join(values.folder, 'figures.json');
const readme = join(values.folder, 'README.md');

console.log(formatEngine(await useEngine('wasm')));
const kept = (): Record<string, WeightsMetrics> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, WeightsMetrics>) : {};
for (const name of Object.keys(NETWORKS) as WeightsName[]) {
  if (values.only !== undefined && values.only !== name) continue;
  const model = await loadPoseModelFile(join(values.folder, `${name}.safetensors`));
  const begun = performance.now();
  const figures = await measure(model.network, values.data);
  console.log(`\n${name}, ${((performance.now() - begun) / 1000).toFixed(0)} s\n\n${figureTables(figures)}`);
  if (values.write) write(name, figures);
  const { mean, worst, people } = await inOnnxRuntime(model, values.data);
  console.log(
    `\nIn ONNX Runtime, ${people} people: PCK@0.2 ${mean.onnx.toFixed(4)}, here ${mean.ours.toFixed(4)}; keypoints differ by ${worst.toFixed(4)} px at most.`,
  );
  if (values.python !== undefined) {
    const keras = await inKeras(model, values.data, values.python);
    console.log(`In Keras, ${keras.people} people, without flip test: PCK@0.2 ${keras.mean.keras.toFixed(4)}, here ${keras.mean.ours.toFixed(4)}.`); // prettier-ignore
  }
  model.network.dispose();
}

/** Into figures.json, beside those of the others, and between the marks of the README. */
function write(name: WeightsName, figures: WeightsMetrics): void {
  const all = { ...kept(), [name]: figures };
  const sorted = Object.fromEntries(Object.keys(NETWORKS).flatMap((key) => (key in all ? [[key, all[key]]] : [])));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [`<!-- figures of ${name} -->`, `<!-- end of ${name} -->`];
  writeFileSync(readme, `${text.split(begin)[0]}${begin}\n\n${figureTables(figures)}\n\n${end}${text.split(end)[1]}`);
}
