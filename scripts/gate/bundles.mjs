import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { consumer } from './consumer.mjs';
import { must } from './shell.mjs';

/**
 * What a lone import may cost in a browser: minified bytes without the tfjs peers, so that growth is a decision; whether it may need tfjs at all;
 * and names of neighbours that would show a tangle. Bundled from src/, the metrics and decoders of this list and `softArgmax` are no larger than at commit a60836a, before their
 * arguments were checked; the checks add 14 bytes to `COCO`, 0.7 kB to `jointsMse` and 1.5 to 2.6 kB to blocks and `…Svg`. `gaussianCodec` (10.7 kB then) is larger also by
 * its flip test, `lpn` (17.3 kB then) by the names for its errors, the check for an engine, and normalisation with the ReLU after it in one pass (0.4 kB). `drawPose` and `oneEuro` are newer.
 */
const LONE_IMPORTS = [
  { name: 'COCO', from: 'keypoints', bytes: 3_000, absent: ['head_top'] },
  { name: 'pck', from: 'metrics', bytes: 5_300, absent: ['evaluateCoco', 'oks:', 'AP50', 'left_ankle', 'fromJSON'] },
  { name: 'pckh', from: 'metrics', bytes: 7_700, absent: ['evaluateCoco', 'AP50'] },
  { name: 'oks', from: 'metrics', bytes: 3_900, absent: ['left_ankle', 'AP50'] },
  { name: 'heatmapPck', from: 'metrics', bytes: 2_100, absent: ['evaluateCoco', 'AP50', 'left_ankle', 'fromJSON'] },
  { name: 'DistanceAccumulator', from: 'metrics', bytes: 4_900, absent: ['evaluateCoco', 'AP50', 'left_ankle'] },
  { name: 'BatchPckAccumulator', from: 'metrics', bytes: 6_250, absent: ['evaluateCoco', 'AP50', 'left_eye'] },
  { name: 'evaluateCoco', from: 'metrics', bytes: 28_000, absent: ['countMacs', 'left_ankle'] },
  { name: 'poseSvg', from: 'visualize', bytes: 8_500, absent: ['curvesSvg', 'heatmapGridSvg', 'htmlReport'] },
  { name: 'curvesSvg', from: 'visualize', bytes: 9_500, absent: ['poseSvg', 'heatmapGridSvg', 'image/png'] },
  { name: 'drawPose', from: 'visualize', bytes: 9_000, absent: ['curvesSvg', 'heatmapGridSvg', 'htmlReport'] },
  {
    name: 'oneEuro',
    from: 'video',
    bytes: 3_000,
    tfjs: true,
    absent: ['createEstimator', 'requestVideoFrameCallback', 'poseSvg'],
  },
  { name: 'argmax', from: 'postprocess', bytes: 5_200, tfjs: true, absent: ['left_ankle', 'softSums'] },
  { name: 'dark', from: 'postprocess', bytes: 7_300, tfjs: true, absent: ['left_ankle', 'softSums'] },
  { name: 'softArgmaxDecoder', from: 'postprocess', bytes: 7_750, tfjs: true, absent: ['left_ankle'] },
  {
    name: 'softArgmax',
    from: 'postprocess',
    bytes: 2_130,
    tfjs: true,
    absent: ['boxToCrop', 'left_ankle', 'LayersModel'],
  },
  {
    name: 'gaussianCodec',
    from: 'targets',
    bytes: 16_500,
    tfjs: true,
    absent: ['codecFromJSON', 'left_ankle', 'softSums'],
  }, // with its flip test on the device and on arrays, and the decoders' SIMD module, 1.4 kB as text
  { name: 'jointsMse', from: 'training', bytes: 1_500, tfjs: true, absent: ['RAdam', 'fit:', 'checkpoint'] },
  { name: 'globalContext', from: 'blocks', bytes: 9_000, tfjs: true, absent: ['shuffle', 'hourglass', 'squeeze'] },
  {
    name: 'lpn',
    from: 'networks',
    bytes: 22_600, // with the names of its options and of its blocks', and the check for an engine, for errors
    tfjs: true,
    absent: ['hrnet-w32', 'shufflenet', 'efficientnet', 'hourglass'],
  },
];

/** What a page needs that opens a pose model and finds people, gzipped, without tfjs. */
const ESTIMATOR = {
  program: `import { loadPoseModel } from 'poseblocks/models'; import { createEstimator } from 'poseblocks/inference';
    console.log(loadPoseModel, createEstimator);`,
  gzipped: 62_000,
};

/** Every folder that is meant for browsers bundles without a Node built-in. */
export async function browserBundles() {
  const { folder, subpaths } = await consumer();
  const folders = subpaths.filter((subpath) => !/(^|\/)(node|cli)$/.test(subpath));
  for (const subpath of folders) {
    const from = subpath === '' ? 'poseblocks' : `poseblocks/${subpath}`;
    const { metafile } = await bundle(folder, `import * as all from '${from}'; console.log(all);`, []);
    oneTfjs(Object.keys(metafile.inputs), from);
  }
  return `${folders.length} folders`;
}

/** Whoever imports one function gets that function. */
export async function loneImports() {
  const { folder } = await consumer();
  const sizes = [];
  for (const { name, from, bytes, tfjs = false, absent } of LONE_IMPORTS) {
    const what = `import { ${name} } from 'poseblocks/${from}'`;
    const { outputFiles, metafile } = await bundle(folder, `${what}; console.log(${name});`, ['@tensorflow/*']);
    const [{ contents, text }] = outputFiles;
    const remedy =
      'Find what is dragged in: mark module-level calls /* @__PURE__ */, keep neighbours in files of their own.';
    must(contents.length <= bytes, `${what} is ${contents.length} bytes; ${bytes} is the limit.`, remedy);
    const dragged = absent.filter((word) => text.includes(word));
    must(dragged.length === 0, `${what} drags in ${dragged.map((word) => `"${word}"`).join(', ')}.`, remedy);
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    must(tfjs || outside.length === 0, `${what} needs ${outside.join(', ')}.`, 'Import tfjs as a type only, or move the part with tensors elsewhere.'); // prettier-ignore
    sizes.push(`${name} ${contents.length}`);
  }
  const { outputFiles } = await bundle(folder, ESTIMATOR.program, ['@tensorflow/*']);
  const gzipped = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  must(
    gzipped <= ESTIMATOR.gzipped,
    `loadPoseModel and createEstimator are ${gzipped} bytes gzipped; ${ESTIMATOR.gzipped} is the limit.`,
    'Find what is dragged in.',
  );
  return `${sizes.join(', ')} bytes; loadPoseModel and createEstimator ${gzipped} gzipped`;
}

async function bundle(folder, contents, external) {
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
      external,
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
