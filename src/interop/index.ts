export { loadStateDict, stateDict, type LoadReport, type StateDict, type StateTensor } from './state-dict';
