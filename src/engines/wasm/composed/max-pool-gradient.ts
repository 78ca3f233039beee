import type { TensorInfo } from '@tensorflow/tfjs-core';
import { poolInfo } from '../conv-info';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/**
 * `MaxPoolGrad` in plain loops; each window's gradient goes to the first of its maxima. The stock kernel silently computes wrong
 * gradients for windows whose maximum is not positive.
 */
export function maxPoolGradient(args: KernelArgs): TensorInfo {
  const x = input(args, 'input');
  const info = poolInfo(x.shape, args.attrs);
  const out = args.backend.makeOutput(x.shape, 'float32');
  const [dx, values] = [args.backend.typedArrayFromHeap(out), args.backend.typedArrayFromHeap(x)];
  const dy = args.backend.typedArrayFromHeap(input(args, 'dy'));
  const { inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  dx.fill(0);
  for (let window = 0; window < info.batchSize * outHeight * outWidth; window++) {
    const top = (Math.floor(window / outWidth) % outHeight) * info.strideHeight - padInfo.top;
    const left = (window % outWidth) * info.strideWidth - padInfo.left;
    const image = Math.floor(window / (outHeight * outWidth)) * inHeight;
    for (let c = 0; c < inChannels; c++) {
      let best = -1;
      for (let y = Math.max(0, top); y < Math.min(inHeight, top + info.filterHeight); y++) {
        for (let x = Math.max(0, left); x < Math.min(inWidth, left + info.filterWidth); x++) {
          const at = ((image + y) * inWidth + x) * inChannels + c;
          if (best < 0 || values[at]! > values[best]!) best = at;
        }
      }
      if (best >= 0) dx[best]! += dy[window * inChannels + c]!;
    }
  }
  return out;
}
