const READS = new Set(['dataSync', 'arraySync', 'bufferSync']);

/** `x.dataSync()` stops the page until the device has finished, and throws on WebGPU. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { sync: '{{name}}() blocks until the device has finished, and throws on WebGPU: await {{instead}}().' },
  },
  create: (context) => ({
    MemberExpression({ property, computed }) {
      const name = computed ? property.value : property.name;
      if (READS.has(name))
        context.report({ node: property, messageId: 'sync', data: { name, instead: name.replace('Sync', '') } });
    },
  }),
};
