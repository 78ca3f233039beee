/**
 * Everything that must hold, on a fresh clone after `npm ci`, two steps at a time where each takes one core. Stops at the first failure and says what to do.
 *
 *     npm test                                   all of it
 *     node scripts/test.mjs --only lint,types    some steps
 */
import { parseArgs } from 'node:util';
import { browserBundles, loneImports } from './gate/bundles.mjs';
import { bundledPages, bundledPrograms } from './gate/bundlers.mjs';
import { runExamples } from './gate/examples.mjs';
import { contentsOfPackage, lintedPackage, loadsOfPackage, typesOfPackage } from './gate/package.mjs';
import { run } from './gate/shell.mjs';
import { pastedBlocks } from './gate/pasted.mjs';
import { builtSite, openedSite } from './gate/site.mjs';
import { unitTests, webgpuTests } from './gate/unit.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
const node = (...command) => run(['node', ...command.slice(0, -1)], { remedy: command.at(-1) });
const bin = (path) => `node_modules/${path}`;

const STEPS = {
  lint: [
    ['eslint', () => node(bin('eslint/bin/eslint.js'), '.', '--max-warnings=0', 'npx eslint . --fix')],
    ['prettier', () => node(bin('prettier/bin/prettier.cjs'), '--check', '.', 'npm run format')],
  ],
  types: [['tsc', () => node(bin('typescript/bin/tsc'), '--noEmit', 'npm run typecheck')]],
  docs: [
    [
      'networks table',
      () => node(bin('tsx/dist/cli.mjs'), 'scripts/networks-table.ts', '--check', 'npx tsx scripts/networks-table.ts'),
    ],
    ['notices', () => node('scripts/notices.mjs', '--check', 'node scripts/notices.mjs')],
    ['snippets', () => node('scripts/docs-snippets.mjs', '--check', 'node scripts/docs-snippets.mjs')],
    [
      'docstrings',
      () =>
        node(
          'scripts/docstrings.mjs',
          'Write what is missing; the head of scripts/docstrings.mjs says what a docstring must have.',
        ),
    ],
    ['api pages', () => node(bin('typedoc/bin/typedoc'), '--emit', 'none', 'npm run docs')],
  ],
  site: [
    ['site', builtSite],
    ['site in Chromium', openedSite],
  ],
  build: [
    [
      'tsup',
      () =>
        node(bin('tsup/dist/cli-default.js'), '--silent', 'npm run build: each export of src/ needs an explicit type'),
    ],
  ],
  unit: [['vitest', () => unitTests(total)]],
  webgpu: [['vitest on WebGPU', () => webgpuTests(total)]],
  package: [
    ['contents', contentsOfPackage],
    ['publint', lintedPackage],
    ['types resolve', typesOfPackage],
    ['import and require', loadsOfPackage],
    ['browser bundles', browserBundles],
    ['lone imports', loneImports],
    ['bundled programs', bundledPrograms],
    ['bundled pages', bundledPages],
  ],
  examples: [
    ['examples', runExamples],
    ['pasted blocks', pastedBlocks],
  ],
};

/** One stage after another, the lanes of a stage at the same time. vitest takes both cores by itself. */
const STAGES = [
  [['lint'], ['types', 'docs']],
  [['build'], ['site']],
  [['unit']],
  [['webgpu'], ['package', 'examples']],
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const groups = values.only?.split(',') ?? Object.keys(STEPS);
const unknown = groups.filter((group) => !Object.hasOwn(STEPS, group));
if (unknown.length > 0) {
  console.error(`test: --only must list some of ${Object.keys(STEPS).join(', ')}. Received: ${unknown.join(', ')}.`);
  process.exit(2);
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const begun = performance.now();
let stopped = false;

async function runStep(name, step) {
  const started = performance.now();
  process.stdout.write(`… ${name}\n`);
  try {
    const note = await step();
    total.passed++;
    process.stdout.write(
      `✓ ${name} (${seconds(started)})${name === 'vitest' || !note || note.includes('\n') ? '' : `: ${note}`}\n`,
    );
  } catch (error) {
    stopped = true;
    if (!error.counted) total.failed++; // failed tests are counted one by one
    process.stdout.write(`✗ ${name} (${seconds(started)})\n${error.remedy ? error.message : error.stack}\n`);
    if (error.remedy) process.stdout.write(`What to do: ${error.remedy}\n`);
  }
}

async function runLane(lane) {
  for (const [name, step] of lane.filter((group) => groups.includes(group)).flatMap((group) => STEPS[group])) {
    if (stopped) return;
    await runStep(name, step);
  }
}

try {
  for (const stage of STAGES) await Promise.all(stage.map(runLane));
} finally {
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`in ${seconds(begun)}\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
}
