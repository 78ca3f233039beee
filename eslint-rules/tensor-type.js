/**
 * What the type checker knows about an expression, or `undefined` where a file is linted without types.
 */
export function typeOf(context, node) {
  const { parserServices } = context.sourceCode;
  return parserServices?.program ? parserServices.getTypeAtLocation(node) : undefined;
}

/** A tfjs tensor or variable: recognised by its shape, since every rank has a type name of its own. */
export function isTensor(type) {
  const kinds = type?.isUnion() ? type.types : [type];
  return kinds.some((kind) =>
    ['dataId', 'rankType', 'strides', 'dtype'].every((name) => kind?.getProperty(name) !== undefined),
  );
}

/** A function whose call gives a promise. */
export function returnsPromise(type) {
  return (type?.getCallSignatures() ?? []).some(
    (signature) => signature.getReturnType().getProperty('then') !== undefined,
  );
}
