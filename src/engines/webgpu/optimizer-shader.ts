import type { OptimizerRule } from '../optimizer-step';

/** How a rule updates one value of a weight, in WGSL. */
export interface RuleShader {
  /** Names the code below: rules of equal keys have equal code. */
  readonly key: string;
  /** The rule's constants, by the names that `update` uses. */
  readonly constants: Readonly<Record<string, number>>;
  /** Sets `d`, the direction of the step, from `g` and the running values `r0[i]`, `r1[i]` …, which it updates. */
  readonly update: string;
}

/**
 * The code of a rule; `r0`, `r1` … are the running values that the rule uses, in its order. What depends on the step is a constant that is passed,
 * not compiled in, so that all steps share a pipeline.
 */
export function ruleShader(rule: OptimizerRule): RuleShader {
  switch (rule.kind) {
    case 'adaptive':
      return adaptive(rule);
    case 'rmsprop':
      return rmsprop(rule);
    case 'descent':
      return descent(rule);
  }
}

type Rule<Kind> = Extract<OptimizerRule, { kind: Kind }>;

function adaptive({ beta1, beta2, scale, epsilon, divides }: Rule<'adaptive'>): RuleShader {
  return {
    key: `adaptive ${divides}`,
    constants: { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, ...(divides && { scale, epsilon }) },
    update: `
      let m = k.beta1 * r0[i] + k.rest1 * g;
      let v = k.beta2 * r1[i] + k.rest2 * (g * g);
      r0[i] = m;
      r1[i] = v;
      let d = ${divides ? 'm / (sqrt(v) * k.scale + k.epsilon)' : 'm'};`,
  };
}

function rmsprop({ alpha, epsilon, momentum, centered }: Rule<'rmsprop'>): RuleShader {
  const centre = `
      let a = k.alpha * r1[i] + k.rest * g;
      r1[i] = a;
      s -= a * a;`;
  const buffer = centered ? 'r2' : 'r1';
  const gather = `
      d += ${buffer}[i] * k.momentum;
      ${buffer}[i] = d;`;
  return {
    key: `rmsprop ${centered} ${momentum > 0}`,
    constants: { alpha, rest: 1 - alpha, epsilon, ...(momentum > 0 && { momentum }) },
    update: `
      var s = k.alpha * r0[i] + k.rest * (g * g);
      r0[i] = s;
      ${centered ? centre : ''}
      var d = g / (sqrt(s) + k.epsilon);
      ${momentum > 0 ? gather : ''}`,
  };
}

function descent({ momentum, nesterov }: Rule<'descent'>): RuleShader {
  if (!(momentum > 0)) return { key: 'descent', constants: {}, update: 'let d = g;' };
  return {
    key: `descent ${nesterov}`,
    constants: { momentum },
    update: `
      let b = r0[i] * k.momentum + g;
      r0[i] = b;
      let d = ${nesterov ? 'b * k.momentum + g' : 'b'};`,
  };
}
