/**
 * Packs the result of a training into a pose model of `weights/`: the folder of a hand-over that `train.py` has trained, or weights as safetensors with
 * the network's own names.
 *
 *   npx tsx scripts/weights/package.ts lpn-50-leeds out/weights/handover-lpn-50-leeds [--taught]
 *   npx tsx scripts/weights/package.ts lpn-50-leeds out/weights/state.safetensors [--taught]
 *
 * `--taught` says in the file that MoveNet corrected the labels. Of a hand-over, the last weights are taken, not the best on the people that it followed.
 */
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useEngine } from 'poseblocks/engines';
import { takeOver } from 'poseblocks/handover/node';
import { loadStateDict, readSafetensors } from 'poseblocks/interop';
import { NETWORKS, networkOf, type WeightsName } from './networks';
import { saveWeights } from './save';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { taught: { type: 'boolean', default: false } },
});
const [name, path] = positionals as [WeightsName, string];
if (!(name in NETWORKS) || path === undefined) {
  throw new Error(`package: give a name, ${Object.keys(NETWORKS).join(' or ')}, and a path. Received: ${positionals}.`);
}
await useEngine('cpu');
const target = `weights/${name}.safetensors`;
if (statSync(path).isDirectory()) {
  const { network, provenance } = await takeOver(path, { which: 'last' });
  const { source: _path, metrics: _followed, ...training } = provenance['training'] as Record<string, unknown>;
  await saveWeights(name, network, target, { taught: values.taught, training });
} else {
  const network = networkOf(name);
  loadStateDict(network, readSafetensors(readFileSync(path)));
  await saveWeights(name, network, target, { taught: values.taught });
}
