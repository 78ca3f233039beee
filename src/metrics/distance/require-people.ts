import { requireThat } from '../../bytes';

/** Two lists of people, and the length that distances are measured in, for plain JavaScript. */
export function requirePeople(
  where: string,
  predicted: unknown,
  truth: unknown,
  option: string,
  length: unknown,
): void {
  requireThat(Array.isArray(predicted), where, 'predicted must be a list of poses', predicted);
  requireThat(Array.isArray(truth), where, 'truth must be a list of poses', truth);
  requireThat(
    typeof length === 'number' || Array.isArray(length) || ArrayBuffer.isView(length),
    where,
    `${option} must be a length in pixels, or one a person`,
    length,
  );
}
