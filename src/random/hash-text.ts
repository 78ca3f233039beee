/**
 * A 32-bit hash of a string (FNV-1a): a seed for each name that does not depend on the other names.
 *
 * @param text hashed by its UTF-16 units
 * @example const random = seededRandom(seed, hashText('layer1.0.conv1'));
 */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
