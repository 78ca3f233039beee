import { layers } from '@tensorflow/tfjs-layers';

/** tfjs-layers' `Layer` under a local name. A bundler keeps an unused class that extends a property, because reading the property could have side effects. */
export const Layer: typeof layers.Layer = /* @__PURE__ */ (() => layers.Layer)();
