// Reads images as a faulty reader does: the second person's never, the third's with an error that is none.
export default function readImage({ fileName }) {
  if (fileName === 'end') process.exit(3);
  if (fileName === 'never' || fileName === 'synthetic-4-000001.png') return new Promise(() => undefined);
  if (fileName === 'synthetic-4-000002.png') throw 'thrown text';
  return { width: 8, height: 8, data: new Uint8Array(192).fill(100) };
}
