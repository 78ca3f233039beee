/**
 * Packs weights of a run, as safetensors with the networks' own names, into a pose model of `weights/`.
 *
 *   npx tsx scripts/weights/package.ts lpn-50-leeds out/weights/state.safetensors [--taught]
 *
 * `--taught` says in the file that MoveNet corrected the labels.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useEngine } from 'poseblocks/engines';
import { loadStateDict, readSafetensors } from 'poseblocks/interop';
import { NETWORKS, networkOf, type WeightsName } from './networks';
import { saveWeights } from './save';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { taught: { type: 'boolean', default: false } },
});
const [name, file] = positionals as [WeightsName, string];
if (!(name in NETWORKS) || file === undefined) {
  throw new Error(`package: give a name, ${Object.keys(NETWORKS).join(' or ')}, and a file. Received: ${positionals}.`);
}
await useEngine('cpu');
const network = networkOf(name);
loadStateDict(network, readSafetensors(readFileSync(file)));
await saveWeights(name, network, `weights/${name}.safetensors`, { taught: values.taught });
