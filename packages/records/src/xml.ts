import { SaxesParser } from 'saxes';

/** One element of a message: either children or text, never both. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** As it stands between the tags; empty where the element has children or nothing. */
  readonly text: string;
}

/** What a document may have at most. */
export interface XmlBounds {
  readonly depthMax: number;
  readonly elementsMax: number;
  /** Characters of one attribute, of one name. */
  readonly attributeMax: number;
  readonly attributesMax: number;
  /** Characters of the text of one element. */
  readonly textMax: number;
}

const usual: XmlBounds = {
  ...{ depthMax: 16, elementsMax: 200_000, attributeMax: 1024, attributesMax: 16 },
  textMax: 16 * 1024 * 1024,
};

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads a whole message as a tree: XML 1.0 without DOCTYPE, without processing instructions, without any
 * entity but the five of the standard and numeric ones, and without text beside elements. Comments are passed
 * over.
 * @throws RangeError for anything else; its message repeats nothing of the document
 */
export function readXml(text: string, bounds: Partial<XmlBounds> = {}): XmlElement {
  const builder = new TreeBuilder({ ...usual, ...bounds });
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', () => refuse('is not well formed'));
  parser.on('doctype', () => refuse('has a DOCTYPE'));
  parser.on('processinginstruction', () => refuse('has a processing instruction'));
  parser.on('xmldecl', ({ version }) => {
    if (version !== '1.0') refuse('is not XML 1.0');
  });
  parser.on('attribute', ({ name, value }) => builder.attribute(name, value));
  parser.on('opentag', ({ name, attributes }) => builder.open(name, attributes));
  parser.on('text', (piece) => builder.text(piece));
  parser.on('cdata', (piece) => builder.text(piece));
  parser.on('closetag', () => builder.close());
  parser.write(text).close();
  return builder.root();
}

/** The one child of this name, or undefined; of several, none. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = childrenOf(element, name);
  return found.length === 1 ? found[0] : undefined;
}

/** All children of this name, in their order. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

class TreeBuilder {
  readonly #bounds: XmlBounds;
  readonly #open: Open[] = [];
  #elements = 0;
  #root: XmlElement | undefined;

  constructor(bounds: XmlBounds) {
    this.#bounds = bounds;
  }

  attribute(name: string, value: string): void {
    const { attributeMax } = this.#bounds;
    if (name.length > attributeMax || value.length > attributeMax) refuse('has too long an attribute');
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    const { attributeMax, attributesMax, depthMax, elementsMax } = this.#bounds;
    this.#elements += 1;
    if (this.#elements > elementsMax) refuse('has too many elements');
    if (this.#open.length >= depthMax) refuse('is nested too deeply');
    if (name.length > attributeMax) refuse('has too long a name');
    if (Object.keys(attributes).length > attributesMax) refuse('has too many attributes');
    if (this.#open.at(-1)?.text.trim()) refuse('has text beside elements');
    this.#open.push({ name, attributes: { ...attributes }, children: [], text: '' });
  }

  text(piece: string): void {
    const element = this.#open.at(-1);
    if (element === undefined) return;
    if (element.children.length > 0 && piece.trim() !== '') refuse('has text beside elements');
    element.text += piece;
    if (element.text.length > this.#bounds.textMax) refuse('has too long a text');
  }

  close(): void {
    const element = this.#open.pop();
    if (element === undefined) return refuse('is not well formed');
    const { attributes, children, name } = element;
    const closed = { name, attributes, children, text: children.length > 0 ? '' : element.text };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = closed;
    else parent.children.push(closed);
  }

  root(): XmlElement {
    return this.#root ?? refuse('has no element');
  }
}

function refuse(why: string): never {
  throw new RangeError(`the XML ${why}`);
}
