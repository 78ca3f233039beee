import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumer } from './consumer.mjs';
import { chromiumOrNull, openPage } from './page.mjs';
import { must, run } from './shell.mjs';

const NEXT = '16.4.6';
const REACT = '19.2.0';
const REMEDY = 'See test/package/bundlers/page.js and docs/in-a-page.md.';
const env = { NEXT_TELEMETRY_DISABLED: '1' };

/** The page of the other bundlers in an application of Next.js with no configuration, built by Turbopack and by webpack, and opened. */
export async function nextPages() {
  const { folder, tarball } = await consumer();
  const app = join(folder, 'next');
  mkdirSync(join(app, 'app'), { recursive: true });
  const peers = ['core', 'layers', 'backend-cpu', 'backend-wasm'].map((name) => [`@tensorflow/tfjs-${name}`, '4.22.0']);
  const dependencies = { poseblocks: `file:${tarball}`, ...Object.fromEntries(peers), next: NEXT, react: REACT, 'react-dom': REACT }; // prettier-ignore
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, dependencies }));
  writeFileSync(join(app, 'app/layout.jsx'), `export const metadata = { title: '…', icons: 'data:,' };\nexport default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n`); // prettier-ignore
  writeFileSync(join(app, 'app/page.jsx'), `'use client';\nimport { useEffect } from 'react';\nexport default function Page() { useEffect(() => { import('./pose.js'); }, []); return <main />; }\n`); // prettier-ignore
  cpSync('test/package/bundlers/page.js', join(app, 'app/pose.js'));
  await run(['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: app }); // prettier-ignore
  const rows = [];
  for (const bundler of ['turbopack', 'webpack']) {
    rmSync(join(app, '.next'), { recursive: true, force: true });
    await run(['node', 'node_modules/next/dist/bin/next', 'build', `--${bundler}`], { cwd: app, env, remedy: REMEDY });
    rows.push({ next: NEXT, bundler, build: 'passes', page: await started(app, bundler) });
    console.log('Next.js', NEXT, bundler, rows.at(-1).page);
  }
  return rows;
}

async function started(app, bundler) {
  const browser = await chromiumOrNull();
  if (browser === null) return 'not opened, for there is no Chromium';
  const port = 20_000 + (process.pid % 20_000);
  const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--port', String(port)], { cwd: app, env: { ...process.env, ...env } }); // prettier-ignore
  try {
    await new Promise((done, fail) => {
      server.stdout.on('data', (data) => /Ready/.test(String(data)) && done());
      server.on('close', (code) => fail(new Error(`next start exited with ${code}`)));
    });
    const { title, said } = await openPage(browser, `http://localhost:${port}/`);
    must(title === '17 keypoints on wasm' && said.length === 0, `Next.js, ${bundler}: the page must say "17 keypoints on wasm" and log nothing. Received: ${title}\n${said.join('\n')}`, REMEDY); // prettier-ignore
    return 'opens';
  } finally {
    server.kill();
    await browser.close();
  }
}
