import { describeKernels } from './kernel-suite';

describeKernels('plain', 2);
