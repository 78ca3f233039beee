import path from 'node:path';

/** The rooms of `src/`, top to bottom. A room imports only from rooms below it, through their index. */
export const ROOMS = [
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
      unknown: '"{{room}}" is not a room: add it to ROOMS in eslint-rules/room-order.js, at its height.',
      upward: 'The room {{from}} may not import from {{to}}, which is above it. The order is {{order}}.',
      inside: 'Import another room through its index: {{index}}.',
      node: 'What is not in a node/ folder must not import one: a browser cannot load it.',
      self: 'Inside src/, import by relative path: the package does not import itself.',
    },
  },
  create(context) {
    const place = locate(context.filename);
    if (place === undefined || place.room === undefined) return {};

    const check = (source) => {
      if (typeof source?.value !== 'string') return;
      const report = (messageId, data) => context.report({ node: source, messageId, data });
      if (/^poseblocks(\/|$)/.test(source.value)) return report('self');
      if (!source.value.startsWith('.')) return;
      const target = locate(path.resolve(path.dirname(context.filename), source.value));
      if (target === undefined) return report('unknown', { room: source.value });
      const [from, to] = [place.room, target.room];
      if (target.node && !place.node && from !== 'cli') return report('node');
      if (from === to) return;
      for (const room of [from, to]) if (!ROOMS.includes(room)) return report('unknown', { room: room ?? 'src' });
      if (ROOMS.indexOf(to) < ROOMS.indexOf(from)) return report('upward', { from, to, order: ROOMS.join(' → ') });
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

/** Where a file or an import's target is in the house; `undefined` outside it. The root index belongs to no room. */
function locate(file) {
  const [, inner] = /^.*?[\\/]src[\\/](?!.*[\\/]src[\\/])(.*)$/.exec(file) ?? [];
  if (inner === undefined) return undefined;
  const parts = inner.replace(/(\/index)?(\.[cm]?ts)?$/, '').split(/[\\/]/);
  const folders = inner.split(/[\\/]/).length - 1;
  const node = parts[1] === 'node';
  const room = folders === 0 && /^index(\.ts)?$/.test(inner) ? undefined : parts[0];
  return { room, node, inside: parts.length > (node ? 2 : 1), depth: folders };
}
