import { layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply, channels, kernelInitializer, type Block } from '../blocks';
import { GroupedConv2DTranspose } from './grouped-conv2d-transpose';

/** Options of {@link deconv}. */
export interface DeconvOptions {
  /** Output channels. */
  filters: number;
  /** Kernel size: 2, 3 or 4. @defaultValue 4 */
  kernelSize?: 2 | 3 | 4;
  /** Any common divisor of input channels and filters, or 'max' for the greatest. @defaultValue 1 */
  groups?: number | 'max';
  /** Whether there is a bias; dense kernels 2 and 4 only. @defaultValue false, since a normalisation usually follows */
  useBias?: boolean;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * A transposed convolution that doubles height and width: [N, H, W, C] → [N, 2H, 2W, filters].
 * Equal to PyTorch's `ConvTranspose2d(stride=2)` with (padding, output_padding) = (0, 0), (1, 1), (1, 0) for kernels 2, 3, 4.
 *
 * @throws RangeError when the kernel size is not 2, 3 or 4, the groups do not divide both input channels and filters, or a grouped convolution asks for a bias.
 * @example deconv({ filters: 256, groups: 'max' })(features, 'deconv_layers.0')
 */
export function deconv(options: DeconvOptions): Block {
  const {
    filters,
    kernelSize = 4,
    groups = 1,
    useBias = false,
  } = knownOptions('deconv', options, ['filters', 'kernelSize', 'groups', 'useBias']);
  return (x, name) => {
    if (![2, 3, 4].includes(kernelSize)) {
      throw new RangeError(
        `${name}: kernelSize of a transposed convolution must be 2, 3 or 4. Received: ${kernelSize}.`,
      );
    }
    const inputs = channels(x);
    const count = groups === 'max' ? gcd(inputs, filters) : groups;
    if (!Number.isInteger(count) || count < 1 || inputs % count !== 0 || filters % count !== 0) {
      throw new RangeError(
        `${name}: groups must divide both input channels and filters. Received: groups=${count}, input channels=${inputs}, filters=${filters}.`,
      );
    }
    // Keras' 'same' padding equals PyTorch's for even kernels only.
    if (count === 1 && kernelSize !== 3) {
      const options = { filters, kernelSize, strides: 2, padding: 'same', useBias, name } as const;
      return apply(layers.conv2dTranspose({ ...options, kernelInitializer: kernelInitializer() }), x);
    }
    if (useBias) {
      throw new RangeError(
        `${name}: a transposed convolution in groups, or of kernel 3, has no bias. Received: groups=${count}, kernelSize=${kernelSize}, useBias=true.`,
      );
    }
    return apply(
      new GroupedConv2DTranspose({ filters, kernelSize, groups: count, name, kernelInitializer: kernelInitializer() }),
      x,
    );
  };
}
