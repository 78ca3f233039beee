import { initializers } from '@tensorflow/tfjs-layers';

type Initializer = ReturnType<typeof initializers.zeros>;

let current: () => Initializer = () => initializers.heNormal({});

/**
 * The initialiser of convolutions: He's normal distribution, or zeros inside {@link withoutInitialization}.
 *
 * @example layers.conv2d({ filters: 64, kernelSize: 3, kernelInitializer: kernelInitializer() })
 */
export function kernelInitializer(): Initializer {
  return current();
}

/**
 * Builds with zero kernels, for a network whose weights are set directly afterwards. Random numbers take most of tfjs's
 * build time: 6 of 7 seconds for HRNet-W48.
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
