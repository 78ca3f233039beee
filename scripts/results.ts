/**
 * Trains small networks on synthetic people to see whether the papers' claims hold at that size.
 *
 *   npx tsx scripts/results.ts [--seeds 3] [--claim 000] [--variant plain] [--report]
 *
 * Runs that docs/results.csv already holds are not done again; --report only writes docs/results.md from it.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { CLAIMS } from './results/claims';
import { leedsReport } from './results/leeds';
import { rowsFigure } from './results/leeds-claims';
import { people } from './results/people';
import { report } from './results/report';
import { appendRun, readRows } from './results/runs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    claim: { type: 'string', multiple: true },
    variant: { type: 'string' },
    report: { type: 'boolean' },
  },
});
const csv = fileURLToPath(new URL('../docs/results.csv', import.meta.url));
const markdown = fileURLToPath(new URL('../docs/results.md', import.meta.url));

if (!values.report) {
  const engine = await useEngine('wasm');
  console.log(formatEngine(engine));
  const everyone = await people();
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    for (const claim of CLAIMS) {
      if (values.claim?.some((id) => claim.id.startsWith(id)) === false) continue;
      for (const variant of claim.variants) {
        if (values.variant !== undefined && values.variant !== variant) continue;
        const done = readRows(csv).some(
          (row) => row.claim === claim.id && row.variant === variant && row.seed === seed,
        );
        if (done) continue;
        const from = performance.now();
        const figures = await claim.run(variant, seed, everyone);
        appendRun(csv, { claim: claim.id, variant, seed }, figures);
        console.log(claim.id, variant, seed, `${Math.round((performance.now() - from) / 1000)} s`, figures);
        writeReport();
      }
    }
  }
}
writeReport();

/** The claims on synthetic people, then what was measured on photographs. */
function writeReport(): void {
  const leeds = leedsReport();
  writeFileSync(new URL('../docs/images/lsp-rows.svg', import.meta.url), rowsFigure());
  writeFileSync(markdown, `${report(readRows(csv)).trimEnd()}\n${leeds && `\n${leeds}\n`}`);
}
