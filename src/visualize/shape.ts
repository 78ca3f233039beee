import { element, text, type Attributes } from './svg';

/** One shape of a drawing, with SVG's attributes; {@link paint} draws the same on a canvas. */
export interface Shape {
  readonly name: 'line' | 'circle' | 'rect' | 'text';
  readonly attributes: Attributes;
  /** Content of a text. */
  readonly content?: string;
}

export function svgOf({ name, attributes, content = '' }: Shape): string {
  return name === 'text' ? text(content, attributes) : element(name, attributes);
}
