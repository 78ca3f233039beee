import { describeKernels } from './kernel-suite';

describeKernels('off');
