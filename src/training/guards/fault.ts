/** A problem that a guard found. */
export interface Fault {
  readonly kind:
    | 'not-finite'
    | 'exploding-loss'
    | 'heatmap-collapse'
    | 'dead-keypoint'
    | 'swapped-pairs'
    | 'leaking-tensors'
    | 'idle-learning-rate';
  readonly epoch: number;
  readonly step: number;
  /** The measured values and the advice. */
  readonly message: string;
}

/** Thrown when a guard ends a run. */
export class TrainingFault extends Error {
  override readonly name = 'TrainingFault';
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(`${fault.kind} at epoch ${fault.epoch}, step ${fault.step}: ${fault.message}`);
    this.fault = fault;
  }
}

/** Options of {@link standardGuards}. */
export interface GuardOptions {
  /** Called with each fault. @defaultValue throws {@link TrainingFault}, which ends the run */
  readonly onFault?: (fault: Fault) => void;
}

export function endRun(fault: Fault): never {
  throw new TrainingFault(fault);
}
