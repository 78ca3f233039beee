/**
 * A release: sets the version, dates the changelog, passes the gate, packs, and tags. Publishes nothing: it prints the command, which CI runs with provenance.
 *
 *     node scripts/release.mjs 0.2.0 [--no-test]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const [version, ...flags] = process.argv.slice(2);
const sh = (program, ...args) => execFileSync(program, args, { stdio: 'inherit' });
const fail = (message) => {
  console.error(`release: ${message}`);
  process.exit(2);
};

if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? ''))
  fail(`the version must be one of SemVer, as 0.2.0. Received: ${version ?? 'none'}.`);
if (execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).trim() !== '')
  fail('the working tree must be clean. Received: changes. Commit them.');
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const unreleased = /^## Unreleased\n+([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog)?.[1].trim();
if (!unreleased) fail('CHANGELOG.md must have something under "## Unreleased". Received: nothing.');

sh('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
const today = new Date().toISOString().slice(0, 10);
writeFileSync('CHANGELOG.md', changelog.replace('## Unreleased', `## Unreleased\n\n## ${version} (${today})`));
sh('node', 'scripts/notices.mjs');
if (!flags.includes('--no-test')) sh('npm', 'test');
sh('npm', 'pack');
sh('git', 'commit', '-am', `Release ${version}`);
sh('git', 'tag', '-a', `v${version}`, '-m', `poseblocks ${version}`);
console.log(
  `\nLook at poseblocks-${version}.tgz, then: git push --follow-tags && npm publish --provenance --access public poseblocks-${version}.tgz`,
);
