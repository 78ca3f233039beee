import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { isSteppable, stepsWeights, stepWeights, type OptimizerRule, type WeightStep } from '../../engines';

type NamedTensor = { name: string; tensor: Tensor };
type Move = { readonly name: string; readonly variable: Variable; readonly gradient: Tensor };

/** Options of every optimiser. Functions receive the name of a variable, such as `layer1.0.conv1/kernel`. */
export interface OptimizerOptions {
  /** Decoupled weight decay λ: each step first multiplies a weight by 1 − rate·λ. @defaultValue 0 */
  readonly weightDecay?: number;
  /** Which variables decay. Networks with batch normalisation usually use {@link decaysKernelsOnly}. @defaultValue all */
  readonly decays?: (name: string) => boolean;
  /** A factor on the learning rate of each variable (discriminative rates). @defaultValue 1 */
  readonly rateScale?: (name: string) => number;
}

/** The options that every optimizer has. */
export const COMMON_OPTIONS = ['weightDecay', 'decays', 'rateScale'] as const;

/** The options with the rate: the argument of a constructor, so that tfjs' `fromConfig` can call it. */
export interface OptimizerConfig extends OptimizerOptions {
  /** Of each step. */
  readonly learningRate: number;
}

/**
 * Excludes biases and the scales and shifts of normalisation from weight decay, as is usual for convolutional networks.
 *
 * @param name of the weight, as `'layer1.0.conv1/kernel'`
 * @example adamw(1e-3, { weightDecay: 0.01, decays: decaysKernelsOnly })
 */
export function decaysKernelsOnly(name: string): boolean {
  return /kernel(_\d+)?$/.test(name);
}

/** A step over all weights in the form of one engine call. */
export interface FusedStep {
  readonly rule: OptimizerRule;
  /** The slots of the rule's running values, in order; undefined where it does not use one. */
  readonly slots: readonly (string | undefined)[];
  /** The rule's `step`, as a factor on a variable's learning rate. */
  readonly factor: number;
}

/**
 * The base class of the optimisers here: a `tf.Optimizer` that stores its state by variable name, so that freezing or
 * adding variables between steps is safe. Scalars that depend on the step are computed on the host in double precision.
 *
 * It works wherever tfjs accepts an optimiser (`minimize`, `LayersModel.compile`).
 */
export abstract class StatefulOptimizer extends tf.Optimizer {
  /** May be changed between steps, for example by a schedule. */
  learningRate: number;
  protected readonly options: OptimizerOptions;
  /** `${variable}/${slot}` → running value. */
  private readonly slots = new Map<string, Variable>();

  constructor(where: string, { learningRate, ...options }: OptimizerConfig) {
    super();
    if (!(learningRate >= 0 && Number.isFinite(learningRate))) {
      throw new RangeError(`${where}: the learning rate must be finite and not negative. Received: ${learningRate}.`);
    }
    const { weightDecay = 0 } = options;
    if (!(weightDecay >= 0 && Number.isFinite(weightDecay))) {
      throw new RangeError(`${where}: weightDecay must be finite and not negative. Received: ${weightDecay}.`);
    }
    this.learningRate = learningRate;
    this.options = options;
    this.iterations_ = 0;
  }

  /** The new value of one variable at step `t` = 1, 2, …; runs inside a tidy. */
  protected abstract update(name: string, value: Tensor, gradient: Tensor, rate: number, t: number): Tensor;

  /** Step `t` for engines that apply it in one call; undefined where only {@link update} can. It must equal `update`. */
  protected fused(_t: number): FusedStep | undefined {
    return undefined;
  }

  /** The running value `slot` of a variable, initially zeros. */
  protected slot(name: string, slot: string, like: Tensor): Variable {
    const key = `${name}/${slot}`;
    let variable = this.slots.get(key);
    if (variable === undefined) {
      variable = tf.tidy(() => tf.variable(tf.zerosLike(like), false));
      this.slots.set(key, variable);
    }
    return variable;
  }

  /** Stores `value` in a slot and returns it. */
  protected keep(name: string, slot: string, value: Tensor): Tensor {
    this.slot(name, slot, value).assign(value);
    return value;
  }

  /** slot ← decay·slot + (1 − decay)·value. */
  protected runningMean(name: string, slot: string, value: Tensor, decay: number): Tensor {
    return this.keep(name, slot, tf.add(tf.mul(this.slot(name, slot, value), decay), tf.mul(value, 1 - decay)));
  }

  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const entries: [string, Tensor | null][] = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor])
      : Object.entries(gradients);
    this.incrementIterations();
    const moves = entries.flatMap(([name, gradient]) => {
      const variable = tf.engine().registeredVariables[name];
      return variable === undefined || gradient == null ? [] : [{ name, variable, gradient }];
    });
    const others = this.stepFused(moves);
    for (const { name, variable, gradient } of others) {
      tf.tidy(() => {
        const { rate, keep } = this.ratesOf(name);
        const decayed = keep === 1 ? variable : tf.mul(variable, keep);
        const next = this.update(name, decayed, gradient, rate, this.iterations);
        if (next !== variable) variable.assign(next); // assigning a variable to itself would dispose its data
      });
    }
  }

  /** The learning rate of a variable, and the weight decay factor that is applied first. */
  private ratesOf(name: string): { rate: number; keep: number } {
    const { weightDecay = 0, decays = () => true, rateScale = () => 1 } = this.options;
    const rate = this.learningRate * rateScale(name);
    return { rate, keep: weightDecay > 0 && decays(name) ? 1 - rate * weightDecay : 1 };
  }

  /** Updates the variables that the engine can update in one call, and returns the others. */
  private stepFused(moves: readonly Move[]): readonly Move[] {
    const step = stepsWeights() ? this.fused(this.iterations) : undefined;
    if (step === undefined) return moves;
    const fitting = moves.filter(({ variable, gradient }) => isSteppable(variable, gradient));
    const weights = fitting.map(({ name, variable, gradient }): WeightStep => {
      const { rate, keep } = this.ratesOf(name);
      const running = step.slots.map((slot) => slot && this.slot(name, slot, variable));
      return { variable, gradient, running: running as WeightStep['running'], step: rate * step.factor, keep };
    });
    if (!stepWeights(step.rule, weights)) return moves;
    return moves.filter((move) => !fitting.includes(move));
  }

  /** The step count, then every slot as `${variable}/${slot}`. The slots belong to the optimiser; dispose only the first. */
  override async getWeights(): Promise<NamedTensor[]> {
    const slots = [...this.slots].map(([name, tensor]) => ({ name, tensor: tensor as Tensor }));
    return [await this.saveIterations(), ...slots];
  }

  /** Restores the result of {@link getWeights}, for variables of the same names. Copies the values. */
  override async setWeights(values: NamedTensor[]): Promise<void> {
    const [iterations] = values;
    if (iterations?.name !== 'iter') {
      throw new RangeError(
        `${this.getClassName()}: the first weight must be the step count. Received: ${iterations?.name}.`,
      );
    }
    this.reset();
    for (const { name, tensor } of await this.extractIterations(values)) {
      this.slots.set(
        name,
        tf.tidy(() => tf.variable(tf.clone(tensor), false)),
      );
    }
  }

  /** Resets the state to that of a new optimiser. The learning rate is kept. */
  reset(): void {
    for (const variable of this.slots.values()) variable.dispose();
    this.slots.clear();
    this.iterations_ = 0;
  }

  override dispose(): void {
    this.reset();
  }
}
