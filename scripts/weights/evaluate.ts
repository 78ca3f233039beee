/**
 * Measures the weights of `weights/` on Leeds Sports Poses: both protocols, by keypoint, on whole images, on synthetic people and on other photographs; in ONNX
 * Runtime as well. A process for each network.
 *
 *   npx tsx scripts/weights/evaluate.ts [--data ../shared/data] [--folder weights] [--only lpn-small-leeds] [--python python3] [--write]
 *
 * `--python` names a Python with Keras 3, in which the exported networks are measured as well. `--write` keeps the figures in figures.json, which a test pins, and in the tables of the README.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useEngine } from 'poseblocks/engines';
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

const names = (Object.keys(NETWORKS) as WeightsName[]).filter((name) => (values.only ?? name) === name);
if (names.length > 1) {
  // Each in a process of its own, so that two cores serve both; one after the other they would write the same files.
  const found = await Promise.all(names.map(apart));
  if (values.write) for (const { name, figures } of found) write(name, figures);
} else {
  for (const name of names) {
    const figures = await evaluate(name);
    if (process.send) process.send(figures);
    else if (values.write) write(name, figures);
  }
}

/** This program for one of the networks, in another process, which prints when it is done. */
async function apart(name: WeightsName): Promise<{ name: WeightsName; figures: WeightsMetrics }> {
  const args = [...process.argv.slice(2).filter((argument) => argument !== '--write'), '--only', name];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: process.execArgv });
  const [figures] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [WeightsMetrics | number];
  if (typeof figures === 'number') throw new Error(`evaluate: ${name} must be measured. Its process ended with ${figures}.`); // prettier-ignore
  return { name, figures };
}

async function evaluate(name: WeightsName): Promise<WeightsMetrics> {
  const begun = performance.now();
  const engine = await useEngine('wasm', { threads: 1 });
  const model = await loadPoseModelFile(join(values.folder, `${name}.safetensors`));
  const figures = await measure(model.network, values.data);
  const { mean, worst, people } = await inOnnxRuntime(model, values.data);
  const lines = [
    `In ONNX Runtime, ${people} people: PCK@0.2 ${mean.onnx.toFixed(4)}, here ${mean.ours.toFixed(4)}; keypoints differ by ${worst.toFixed(4)} px at most.`,
  ];
  if (values.python !== undefined) {
    const keras = await inKeras(model, values.data, values.python);
    lines.push(`In Keras, ${keras.people} people, without flip test: PCK@0.2 ${keras.mean.keras.toFixed(4)}, here ${keras.mean.ours.toFixed(4)}.`); // prettier-ignore
  }
  model.network.dispose();
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`\n${name}, ${seconds} s on ${engine.name}\n\n${figureTables(figures)}\n\n${lines.join('\n')}`);
  return figures;
}

/** Into figures.json, beside those of the others, and between the marks of the README. */
function write(name: WeightsName, figures: WeightsMetrics): void {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, WeightsMetrics>) : {};
  const all: Record<string, WeightsMetrics> = { ...kept, [name]: figures };
  const sorted = Object.fromEntries(Object.keys(NETWORKS).flatMap((key) => (key in all ? [[key, all[key]]] : [])));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [`<!-- figures of ${name} -->`, `<!-- end of ${name} -->`];
  writeFileSync(readme, `${text.split(begin)[0]}${begin}\n\n${figureTables(figures)}\n\n${end}${text.split(end)[1]}`);
}
