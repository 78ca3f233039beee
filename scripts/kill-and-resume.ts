/**
 * Kills a training run fifty times at random moments and sees that it ends, each time, with the weights of an uninterrupted one.
 *
 *   npx tsx scripts/kill-and-resume.ts [--kills 50]
 *
 * Writes docs/kill-and-resume.csv. The tests do the same with fewer kills.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useEngine } from 'poseblocks/engines';
import { train } from '../test/training/support/interruptible-run';
import { killAndResume } from '../test/training/support/kill-and-resume';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' } } });
const folder = mkdtempSync(join(tmpdir(), 'poseblocks-kills-'));
try {
  await useEngine('wasm');
  const expected = (await train(undefined)).hash;
  const rows = ['run,outcome,killed_after_ms,checkpoint_step'];
  let kills = 0;
  let different = 0;
  for await (const outcome of killAndResume(folder, { kills: Number(values.kills), random: Math.random })) {
    const { run, killedAfter, step = 'none', hash } = outcome;
    if (hash === undefined) {
      kills++;
      rows.push(`${run},killed,${Math.round(killedAfter!)},${step}`);
    } else {
      if (hash !== expected) different++;
      rows.push(`${run},${hash === expected ? 'ended equal' : 'ENDED DIFFERENT'},,`);
    }
    console.log(rows.at(-1));
  }
  writeFileSync(fileURLToPath(new URL('../docs/kill-and-resume.csv', import.meta.url)), `${rows.join('\n')}\n`);
  console.log(`${kills} kills, ${rows.length - 1 - kills} runs ended, ${different} of them differently.`);
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
