import { serveReplica } from 'poseblocks/engines/node';
import { createReplica, type Normalization } from './model';

await serveReplica('wasm', (normalization) => createReplica(normalization as Normalization));
