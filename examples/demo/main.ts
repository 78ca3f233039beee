/**
 * The main job: trains a small LPN on photographs or synthetic people, evaluates it, and writes a report. Options: --help.
 *
 * @quick --steps 3 --engine wasm --out {out}
 */
import { availableParallelism } from 'node:os';
import { formatEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { demoData } from './data';
import { evaluate } from './evaluate';
import { demoCodec, demoNetwork } from './network';
import { readOptions } from './options';
import { tables, writeReport } from './report';
import { train } from './train';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { seed, out } = options;
  const threads = Math.min(8, availableParallelism());
  const engine = await useEngine(options.engine as EngineName | 'auto', { threads });
  console.log(formatEngine(engine));

  const data = await demoData(options);
  console.log(data.description);
  const codec = demoCodec();
  const network = demoNetwork(options.network, data.keypointSet.names.length, seed);
  const steps = options.steps ?? data.defaultSteps;
  console.log(`${options.network}: ${network.countParams().toLocaleString('en')} weights, ${steps} steps`);

  const begun = performance.now();
  const losses = await train(network, codec, data, { steps, seed });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const evaluation = await evaluate(network, codec, data);
  network.dispose();

  const [coco, pck] = tables(evaluation, data.keypointSet.names);
  for (const { caption, columns, rows } of [coco, pck]) {
    console.log(`\n${caption}`);
    console.table(
      rows.map((row) =>
        Object.fromEntries(
          columns.map((column, c) => [column, typeof row[c] === 'number' ? +row[c].toFixed(4) : row[c]]),
        ),
      ),
    );
  }
  const note = data.seen
    ? 'These are the persons it was trained on: the metrics prove the pipeline, not that it generalises.'
    : `These persons were held out. More steps (--steps) go further than ${steps}.`;
  const lines = [
    data.description,
    `${options.network} on ${engine.name}, ${steps} steps in ${seconds} s, flip test, soft-argmax.`,
    note,
  ];
  const page = await writeReport(
    out,
    { title: `poseblocks: ${options.network}`, lines, losses, evaluation },
    codec,
    data,
  );
  console.log(`\n${note}\nReport: ${page}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
