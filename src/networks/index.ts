export { buildNetwork, type NetworkOptions } from './build';
export { initialize, type Initialization } from './initialize';
export { LPN, lpn, type LpnOptions, type LpnVariant } from './lpn';
