import type { KernelConfig, KernelFunc, NamedAttrMap } from '@tensorflow/tfjs-core';
import { convInfo } from '../conv-info';
import { input } from '../kernel-route';
import type { KernelArgs, KernelResult } from '../kernel-route';

/**
 * Stock convolutions silently leave the output unwritten for 'same' padding where the stride exceeds the
 * filter. Equivalent explicit padding works.
 */
export function explicitSamePadding(depthwise: boolean) {
  return (args: KernelArgs, stock: KernelConfig | undefined): KernelResult | undefined => {
    const { attrs } = args;
    if (attrs['pad'] !== 'same' || attrs['dataFormat'] === 'NCHW') return undefined;
    const info = convInfo(input(args, 'x').shape, input(args, 'filter').shape, attrs, depthwise);
    if (info.strideHeight <= info.filterHeight && info.strideWidth <= info.filterWidth) return undefined;
    const { top, bottom, left, right } = info.padInfo;
    const pad: NamedAttrMap[string] = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    return stock!.kernelFunc({ ...args, attrs: { ...attrs, pad } } as unknown as Parameters<KernelFunc>[0]);
  };
}
