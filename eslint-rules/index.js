import folderOrder from './folder-order.js';
import noAsyncTidy from './no-async-tidy.js';
import noChainedOps from './no-chained-ops.js';
import noNodeBuiltins from './no-node-builtins.js';
import noSyncRead from './no-sync-read.js';

/** What TensorFlow.js punishes at run time, and the order of the folders, reported before the code runs. */
export default {
  meta: { name: 'poseblocks' },
  rules: {
    'folder-order': folderOrder,
    'no-async-tidy': noAsyncTidy,
    'no-chained-ops': noChainedOps,
    'no-node-builtins': noNodeBuiltins,
    'no-sync-read': noSyncRead,
  },
};
