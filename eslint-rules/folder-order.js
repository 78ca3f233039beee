import path from 'node:path';

/** The folders of `src/`, top to bottom. A folder imports only from folders below it, through their index. */
export const FOLDERS = [
  'cli',
  'handover',
  'recipes',
  'video',
  'inference',
  'training',
  'models',
  'networks',
  'heads',
  'blocks',
  'datasets',
  'interop',
  'targets',
  'postprocess',
  'geometry',
  'metrics',
  'coco',
  'keypoints',
  'graph',
  'engines',
  'visualize',
  'random',
  'bytes',
];

export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unknown:
        '"{{folder}}" is not a folder: add it to FOLDERS in eslint-rules/folder-order.js, at its place in the order.',
      upward: 'The folder {{from}} may not import from {{to}}, which is above it. The order is {{order}}.',
      inside: 'Import another folder through its index: {{index}}.',
      node: 'Only files of a node/ folder may import from one: a browser cannot load it.',
      self: 'Inside src/, import by relative path: the package does not import itself.',
    },
  },
  create(context) {
    const place = locate(context.filename);
    if (place === undefined || place.folder === undefined) return {};

    const check = (source) => {
      if (typeof source?.value !== 'string') return;
      const report = (messageId, data) => context.report({ node: source, messageId, data });
      if (/^poseblocks(\/|$)/.test(source.value)) return report('self');
      if (!source.value.startsWith('.')) return;
      const target = locate(path.resolve(path.dirname(context.filename), source.value));
      if (target === undefined) return report('unknown', { folder: source.value });
      const [from, to] = [place.folder, target.folder];
      if (target.node && !place.node && from !== 'cli') return report('node');
      if (from === to) return;
      for (const folder of [from, to])
        if (!FOLDERS.includes(folder)) return report('unknown', { folder: folder ?? 'src' });
      if (FOLDERS.indexOf(to) < FOLDERS.indexOf(from))
        return report('upward', { from, to, order: FOLDERS.join(' → ') });
      if (target.inside) report('inside', { index: `${'../'.repeat(place.depth)}${to}${target.node ? '/node' : ''}` });
    };
    const statement = ({ source }) => check(source);
    return {
      ImportDeclaration: statement,
      ExportNamedDeclaration: statement,
      ExportAllDeclaration: statement,
      ImportExpression: statement,
      TSImportType: statement,
    };
  },
};

/** Where a file or an import's target is below `src/`; `undefined` outside it. The root index belongs to no folder. */
function locate(file) {
  const [, inner] = /^.*?[\\/]src[\\/](?!.*[\\/]src[\\/])(.*)$/.exec(file) ?? [];
  if (inner === undefined) return undefined;
  const parts = inner.replace(/(\/index)?(\.[cm]?ts)?$/, '').split(/[\\/]/);
  const depth = inner.split(/[\\/]/).length - 1;
  const node = parts[1] === 'node';
  const folder = depth === 0 && /^index(\.ts)?$/.test(inner) ? undefined : parts[0];
  return { folder, node, inside: parts.length > (node ? 2 : 1), depth };
}
