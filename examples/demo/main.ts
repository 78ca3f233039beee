/**
 * The main job: fine-tunes a small LPN on synthetic people or photographs, evaluates it beside the mean pose, and writes a report. Options: --help.
 *
 * @quick --steps 3 --engine wasm --out {out} --weights {weights}/lpn-small-leeds.safetensors
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { formatEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { poseModel } from 'poseblocks/models';
import { savePoseModelFile } from 'poseblocks/models/node';
import { demoData } from './data';
import { evaluate, type Evaluation } from './evaluate';
import { demoCodec, demoNetwork, PADDING } from './network';
import { readOptions } from './options';
import { comparison, writeReport } from './report';
import { BATCH, train } from './train';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { seed, out } = options;
  const threads = Math.min(8, availableParallelism());
  const engine = await useEngine(options.engine as EngineName | 'auto', { threads });
  console.log(formatEngine(engine));

  const data = await demoData(options);
  console.log(data.description);
  const codec = demoCodec();
  const network = await demoNetwork(options, data.keypointSet);
  const steps = options.steps ?? data.defaultSteps;
  const begins = options.network === 'lpn-small' && !options.scratch ? basename(options.weights) : 'random weights';
  console.log(
    `${options.network}: ${network.countParams().toLocaleString('en')} weights, ${steps} steps from ${begins}`,
  );

  const begun = performance.now();
  await mkdir(out, { recursive: true });
  const trained = await train(network, codec, data, { steps, seed, out });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const evaluation = await evaluate(network, codec, data);
  await savePoseModelFile(
    join(out, 'model.safetensors'),
    poseModel({ network, codec, keypointSet: data.keypointSet, padding: PADDING }),
  );
  network.dispose();

  console.table(comparison(evaluation));
  console.table(perKeypoint(evaluation, data.keypointSet.names));
  const { network: found, baseline } = evaluation;
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const note = data.seen
    ? 'These are the people that it was trained on: this proves the pipeline, not that it generalises.'
    : 'These people were held out.';
  const text = [
    `${percent(found.pck10.mean)} of the keypoints are within a tenth of the person's longer side; by the mean pose, which never looks at the image, ${percent(baseline.pck10.mean)}. AP ${found.coco.AP.toFixed(3)}, of the mean pose ${baseline.coco.AP.toFixed(3)}.`,
    `${data.description}. ${options.network} from ${begins} on ${engine.name}, ${steps} steps of ${BATCH} people in ${seconds} s; flip test, soft-argmax. ${note}`,
  ];
  const title = data.seen
    ? 'A small pose network on photographs'
    : 'A small pose network on people that it has not seen';
  const page = await writeReport(out, { title, text, steps, batchSize: BATCH, ...trained, evaluation }, data);
  console.log(`\n${text.join('\n')}\nReport: ${page}\nModel: ${join(out, 'model.safetensors')}`);
}

const perKeypoint = ({ network: { pck10, pck20 } }: Evaluation, names: readonly string[]): Record<string, object> =>
  Object.fromEntries(
    names.map((name, k) => [
      name,
      {
        'PCK@0.1': +pck10.perKeypoint[k]!.toFixed(3),
        'PCK@0.2': +pck20.perKeypoint[k]!.toFixed(3),
        labelled: pck20.counts[k],
      },
    ]),
  );

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
