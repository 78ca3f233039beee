import { returnsPromise, typeOf } from './tensor-type.js';

/** `tidy` frees when its function returns, which an async function does at its first `await`: it only logs, and tensors leak. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      async: 'tidy() does not await: tensors made after the first await leak. Await first, or dispose by hand.',
    },
  },
  create: (context) => ({
    CallExpression({ callee, arguments: given }) {
      const name = callee.type === 'MemberExpression' ? callee.property.name : callee.name;
      if (name !== 'tidy') return;
      for (const argument of given) {
        if (argument.async || returnsPromise(typeOf(context, argument)))
          context.report({ node: argument, messageId: 'async' });
      }
    },
  }),
};
