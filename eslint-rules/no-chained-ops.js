import { isTensor, typeOf } from './tensor-type.js';

/** The methods that tfjs-core's own Tensor and Variable classes have. */
const OWN = new Set(
  'array arraySync assign buffer bufferSync bytes clone data dataSync dataToGPU dispose print throwIfDisposed toString'.split(
    ' ',
  ),
);

/** `x.reshape([1])` exists only when the whole of tfjs is imported; with tfjs-core alone it is "not a function". Needs types. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { chained: 'Chained ops do not exist with tfjs-core alone: write tf.{{name}}({{tensor}}, …).' },
  },
  create: (context) => ({
    'CallExpression > MemberExpression.callee'({ object, property, computed }) {
      const name = computed ? property.value : property.name;
      if (typeof name !== 'string' || OWN.has(name) || !isTensor(typeOf(context, object))) return;
      const tensor = context.sourceCode.getText(object);
      context.report({
        node: property,
        messageId: 'chained',
        data: { name, tensor: tensor.length > 30 ? 'x' : tensor },
      });
    },
  }),
};
