import { describePrograms } from './program-suite';

describePrograms('plain');
