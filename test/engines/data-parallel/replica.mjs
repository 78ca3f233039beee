import { register } from 'tsx/esm/api';

// A worker of a process that was not started with tsx itself: the hooks for TypeScript are the worker's own.
register();
await import('./replica.ts');
