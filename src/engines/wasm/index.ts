export { registerWasmGradients } from './register';
