/**
 * Builds the documentation site and serves it.
 *
 *     npm run site                        build, then serve on http://localhost:4174
 *     npm run site -- --port 8080
 *     npm run site -- --build             only build, into docs/.vitepress/dist, which any web server can publish
 *     npm run site -- --build --base /poseblocks/     for a site that is not at the root of its host
 */
import { parseArgs } from 'node:util';
import { buildSite, SITE } from './site/build.mjs';

const { values } = parseArgs({
  options: {
    build: { type: 'boolean' },
    base: { type: 'string', default: '/' },
    port: { type: 'string', default: '4174' },
    help: { type: 'boolean' },
  },
});
const port = Number(values.port);
if (values.help || !(Number.isInteger(port) && port > 0 && port < 65536) || !/^\/(.*\/)?$/.test(values.base)) {
  console.error('npm run site -- [--port 4174] [--build] [--base /folder/]');
  process.exit(values.help ? 0 : 2);
}
await buildSite({ base: values.base });
if (values.build) console.log(`The site is in ${SITE}.`);
else {
  const { preview } = await import('vite');
  const server = await preview({ root: 'docs', configFile: false, appType: 'mpa', base: values.base, build: { outDir: '.vitepress/dist' }, preview: { port, host: 'localhost' } }); // prettier-ignore
  console.log(`The site is at ${server.resolvedUrls?.local[0]}  (Ctrl+C ends it)`);
}
