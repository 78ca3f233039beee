import { build } from 'esbuild';
import { consumer } from './consumer.mjs';
import { must } from './shell.mjs';

/**
 * What a lone import may cost in a browser, minified, without the tfjs peers; and whether it may need tfjs at all. The
 * ceilings are some 30 % above what was measured, so that growth is a decision.
 */
const LONE_IMPORTS = [
  { import: '{ COCO }', from: 'keypoints', bytes: 4000, tfjs: false },
  { import: '{ pck }', from: 'metrics', bytes: 3000, tfjs: false },
  { import: '{ evaluateCoco }', from: 'metrics', bytes: 16000, tfjs: false },
  { import: '{ poseSvg }', from: 'visualize', bytes: 8000, tfjs: false },
  { import: '{ curvesSvg }', from: 'visualize', bytes: 11000, tfjs: false },
];

/** Every room that is meant for browsers bundles without a Node built-in. */
export async function browserBundles() {
  const { folder, subpaths } = await consumer();
  const rooms = subpaths.filter((subpath) => !/(^|\/)(node|cli)$/.test(subpath));
  for (const room of rooms) {
    const from = room === '' ? 'poseblocks' : `poseblocks/${room}`;
    const { metafile } = await bundle(folder, `import * as all from '${from}'; console.log(all);`, []);
    oneTfjs(Object.keys(metafile.inputs), from);
  }
  return `${rooms.length} rooms`;
}

/** Whoever imports one function gets that function. */
export async function loneImports() {
  const { folder } = await consumer();
  const sizes = [];
  for (const { import: names, from, bytes, tfjs } of LONE_IMPORTS) {
    const what = `import ${names} from 'poseblocks/${from}'`;
    const { outputFiles, metafile } = await bundle(
      folder,
      `import ${names} from 'poseblocks/${from}'; console.log(${names});`,
      ['@tensorflow/*'],
    );
    const size = outputFiles[0].contents.length;
    must(
      size <= bytes,
      `${what} is ${size} bytes; ${bytes} is the limit.`,
      'Find what is dragged in: mark module-level calls /* @__PURE__ */.',
    );
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    must(
      tfjs || outside.length === 0,
      `${what} needs ${outside.join(', ')}.`,
      'Import tfjs as a type only, or move the part with tensors elsewhere.',
    );
    sizes.push(`${names.slice(2, -2)} ${size} B`);
  }
  return sizes.join(', ');
}

async function bundle(folder, contents, external) {
  // Optional peers are the user's to bring; what is behind a dynamic import of one stays outside.
  const optional = [
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
    'onnxruntime-web',
    'onnxruntime-node',
    'sharp',
    'webgpu',
  ];
  const backends = ['cpu', 'wasm', 'webgl', 'webgpu'].map((name) => `@tensorflow/tfjs-backend-${name}`);
  try {
    return await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
      external: [...external, ...optional, ...backends],
    });
  } catch (error) {
    const lines = error.errors.map(({ text, location }) => `${location?.file}:${location?.line} ${text}`);
    must(
      false,
      `${contents}\n${lines.join('\n')}`,
      'Node built-ins belong into a node/ folder, behind their own subpath.',
    );
  }
}

/** Two copies of tfjs-core know nothing of each other's tensors and kernels. */
function oneTfjs(inputs, from) {
  const copies = new Set(
    inputs.map((path) => /^.*node_modules\/@tensorflow\/tfjs-core\/(?:dist\/tf-core)?/.exec(path)?.[0]).filter(Boolean),
  );
  must(
    copies.size <= 1,
    `${from} bundles several copies of tfjs-core: ${[...copies].join(', ')}.`,
    'Import tfjs as an ES module, and only as a peer.',
  );
}
