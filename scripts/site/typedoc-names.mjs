import { Converter, ReflectionKind } from 'typedoc';

/**
 * TypeDoc calls a destructured parameter `__namedParameters`. This names it after what it is: `options` where its type says so, else the type in small letters.
 *
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const signature of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
      const taken = new Set((signature.parameters ?? []).map(({ name }) => name));
      for (const parameter of signature.parameters ?? []) {
        if (!/^__namedParameters/.test(parameter.name)) continue;
        const type = parameter.type?.name ?? parameter.type?.elementType?.name ?? '';
        const wanted = type === '' || /Options$|^(Omit|Partial|Pick|Readonly)$/.test(type) ? 'options' : type[0].toLowerCase() + type.slice(1); // prettier-ignore
        let name = wanted;
        for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
        taken.add(name);
        parameter.name = name;
      }
    }
  });
}
