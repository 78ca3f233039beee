import { element, text, type Attributes } from './svg';

/** One figure of a drawing, in the words of SVG; {@link paint} puts the same on a canvas. */
export interface Shape {
  readonly name: 'line' | 'circle' | 'rect' | 'text';
  readonly attributes: Attributes;
  /** Of a text. */
  readonly content?: string;
}

export function svgOf({ name, attributes, content = '' }: Shape): string {
  return name === 'text' ? text(content, attributes) : element(name, attributes);
}
