import { initializers } from '@tensorflow/tfjs-layers';

type Initializer = ReturnType<typeof initializers.zeros>;

let current: () => Initializer = () => initializers.heNormal({});

/** What convolutions start from: He's normal distribution, unless {@link withoutInitialization} is under way. */
export function kernelInitializer(): Initializer {
  return current();
}

/**
 * Builds with zero kernels, for a network whose weights are set right after. tfjs spends most of building time on
 * random numbers: 6 of 7 seconds for HRNet-W48.
 *
 * @example withoutInitialization(() => network(image, ''))
 */
export function withoutInitialization<T>(build: () => T): T {
  const before = current;
  current = () => initializers.zeros();
  try {
    return build();
  } finally {
    current = before;
  }
}
