import { jointsMse } from 'poseblocks/training';
import { serveTraining } from 'poseblocks/training/node';
import { network } from './team-network';

void serveTraining((data) => ({ network: network(4, data !== 'no draws'), loss: jointsMse }));
