import { layers } from '@tensorflow/tfjs-layers';

/** tfjs-layers' `Layer` under a name of its own: a bundler keeps a class that extends a property, which might be a getter, though nothing uses the class. */
export const Layer: typeof layers.Layer = /* @__PURE__ */ (() => layers.Layer)();
