import { MessageChannel, type MessagePort } from 'node:worker_threads';

let nowhere: MessagePort | undefined;

/**
 * Gives an array's memory back without waiting for the collector: it is transferred to a port that nobody listens to.
 * Large arrays left to V8 make it mark the whole heap every few batches. The array is empty afterwards.
 */
export function freeNow({ buffer }: Float32Array): void {
  if (nowhere === undefined) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(undefined, [buffer as ArrayBuffer]);
}
