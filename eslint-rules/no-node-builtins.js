import { builtinModules } from 'node:module';

/** Packages that run in Node only. */
const NODE_ONLY = new Set([
  'sharp',
  'webgpu',
  'onnxruntime-node',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
]);
const BUILTINS = new Set(builtinModules);

/** Static imports of Node's own modules outside `node/` folders and `cli`: a browser's bundle must not see them. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      node: '"{{name}}" exists in Node only: move this into the folder\'s node/ folder, or import it dynamically.',
    },
  },
  create(context) {
    if (/[\\/]src[\\/](.*[\\/])?(node|cli)[\\/]/.test(context.filename)) return {};
    const check = ({ source, importKind, exportKind }) => {
      if (!source || importKind === 'type' || exportKind === 'type') return;
      const name = source.value;
      const root = name.startsWith('@') ? name.split('/', 2).join('/') : name.split('/', 1)[0];
      if (name.startsWith('node:') || BUILTINS.has(root) || NODE_ONLY.has(root)) {
        context.report({ node: source, messageId: 'node', data: { name } });
      }
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
