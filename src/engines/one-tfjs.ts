import { serialization, Tensor, zeros } from '@tensorflow/tfjs-core';

/** The used parts of tfjs-core's private table of layer classes. */
interface ClassTable {
  readonly classNameMap: Readonly<Record<string, readonly [unknown, unknown]>>;
}

let warned = false;

/**
 * Warns once when a program has loaded two copies of tfjs-core or tfjs-layers. They share the engine and the kernels, but not their classes: a network made
 * with one copy is not a network for the other, and gradients and saved layers become wrong. Called when an engine runs.
 *
 * @param sequential the class `Sequential` of the tfjs-layers that is used here.
 */
export function warnOfTwoCopies(sequential: unknown): void {
  if (warned) return;
  const twice = [
    ...(twoCores() ? ['@tensorflow/tfjs-core'] : []),
    ...(twoLayers(sequential) ? ['@tensorflow/tfjs-layers'] : []),
  ];
  if (twice.length === 0) return;
  warned = true;
  const names = twice.join(' and ');
  // eslint-disable-next-line no-console -- nothing else reports it, and results would be wrong
  console.warn(
    `useEngine: a program must load one copy of ${names}. Received: two. ` +
      `Run: npm ls ${twice.join(' ')}, and install the version 4.22.0 everywhere (npm dedupe; "overrides" of package.json; resolve.dedupe of a bundler).`,
  );
}

/** The engine creates tensors of the class of the copy that was loaded first. */
function twoCores(): boolean {
  const one = zeros([1]);
  one.dispose();
  return one.constructor !== Tensor;
}

/** The table contains the classes of the copy that was loaded last. */
function twoLayers(sequential: unknown): boolean {
  const { classNameMap } = serialization.SerializationMap.getMap() as unknown as ClassTable;
  const registered = classNameMap['Sequential']?.[0];
  return registered !== undefined && registered !== sequential;
}
