/**
 * Builds the studio and serves it, with the headers that threads of WebAssembly need.
 *
 *     npm run studio                 build, then serve on http://localhost:4173
 *     npm run studio -- --port 8080
 *     npm run studio -- --build      only build, into studio/dist, which any web server can publish
 */
import { parseArgs } from 'node:util';
import { build, loadConfigFromFile, preview } from 'vite';

const { values } = parseArgs({
  options: { build: { type: 'boolean' }, port: { type: 'string', default: '4173' }, help: { type: 'boolean' } },
});
const port = Number(values.port);
if (values.help || !(Number.isInteger(port) && port > 0 && port < 65536)) {
  console.error('npm run studio -- [--port 4173] [--build]');
  process.exit(values.help ? 0 : 2);
}
const { config } = await loadConfigFromFile({ command: 'build', mode: 'production' }, 'studio/vite.config.ts');
await build(config);
if (values.build) console.log('The studio is in studio/dist.');
else {
  const server = await preview({ ...config, preview: { ...config.preview, port, host: 'localhost' } });
  console.log(`The studio is at ${server.resolvedUrls?.local[0] ?? `http://localhost:${port}/`}  (Ctrl+C ends it)`);
}
