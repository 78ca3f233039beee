/** A thread of the demo's training on wasm: builds the network as the main thread does, which sends it the weights. */
import { jointsMse } from 'poseblocks/training';
import { serveTraining } from 'poseblocks/training/node';
import { emptyNetwork, type NetworkOptions } from './network';

await serveTraining((options) => ({ network: emptyNetwork(options as NetworkOptions), loss: jointsMse }));
