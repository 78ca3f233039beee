import { MessageChannel, type MessagePort } from 'node:worker_threads';

let nowhere: MessagePort | undefined;

/**
 * Frees an array's memory without waiting for the garbage collector, by transferring it to a port without a listener.
 * Large arrays that V8 collects make it mark the whole heap every few batches. The array is empty afterwards.
 */
export function freeNow({ buffer }: Float32Array): void {
  if (nowhere === undefined) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(undefined, [buffer as ArrayBuffer]);
}
