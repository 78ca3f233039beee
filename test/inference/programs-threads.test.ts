import { describePrograms } from './program-suite';

describePrograms('plain', 2);
