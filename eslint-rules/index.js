import noAsyncTidy from './no-async-tidy.js';
import noChainedOps from './no-chained-ops.js';
import noNodeBuiltins from './no-node-builtins.js';
import noSyncRead from './no-sync-read.js';
import roomOrder from './room-order.js';

/** What TensorFlow.js punishes at run time, and the order of the house, caught before they run. */
export default {
  meta: { name: 'poseblocks' },
  rules: {
    'no-async-tidy': noAsyncTidy,
    'no-chained-ops': noChainedOps,
    'no-node-builtins': noNodeBuiltins,
    'no-sync-read': noSyncRead,
    'room-order': roomOrder,
  },
};
