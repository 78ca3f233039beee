export { compile, type CompiledNetwork } from './compile';
