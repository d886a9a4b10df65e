import fc from 'fast-check';
import { expect, test } from 'vitest';

import { childOf, childrenOf, readXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

test('elements, attributes, text, CDATA and the five entities are read as they stand', () => {
  const text =
    '<?xml version="1.0"?>\n<!-- c --><a b="1 &amp; 2"><c> &lt;x&gt; &#x4E2D; </c><d/>' +
    '<c><![CDATA[<&]]></c></a>';
  const root = readXml(text);
  expect(root).toMatchObject({ name: 'a', attributes: { b: '1 & 2' }, text: '' });
  expect(childrenOf(root, 'c').map((one) => one.text)).toEqual([' <x> 中 ', '<&']);
  expect(childOf(root, 'd')).toEqual({ name: 'd', attributes: {}, children: [], text: '' });
});

test('the one child of a name is none where there are two', () => {
  const root = readXml('<a><b/><c/><c/></a>');
  expect([childOf(root, 'b')?.name, childOf(root, 'c'), childOf(root, 'z'), childOf(undefined, 'b')]).toEqual(
    [...['b', undefined, undefined, undefined]],
  );
});

const laughs = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>';

test.each([
  ['nothing', ''],
  ['text only', 'text'],
  ['a DOCTYPE', '<!DOCTYPE a><a/>'],
  ['entities of its own', `${laughs}<a>&y;</a>`],
  ['an unknown entity', '<a>&nbsp;</a>'],
  ['an unknown entity in an attribute', '<a b="&x;"/>'],
  ['a processing instruction', '<a><?php x?></a>'],
  ['an attribute twice', '<a b="1" b="2"/>'],
  ['a prototype as an attribute twice', '<a constructor="1" constructor="2"/>'],
  ['an attribute without quotes', '<a b=1/>'],
  ['another closing tag', '<a></b>'],
  ['an open end', '<a><b></b>'],
  ['two roots', '<a/><a/>'],
  ['text after the root', '<a/>x'],
  ['text beside elements', '<a>x<b/></a>'],
  ['text after an element', '<a><b/>x</a>'],
  ['a NUL', '<a>\0</a>'],
  ['a character reference to nothing', '<a>&#0;</a>'],
  ['half a character', '<a>\ud800</a>'],
  ['XML 1.1', '<?xml version="1.1"?><a/>'],
])('a document with %s is refused', (_, text) => {
  expect(() => readXml(text)).toThrow(RangeError);
});

test('a refusal repeats nothing of the document', () => {
  const secret = '<a><secret-990000199003070013></a>';
  expect(() => readXml(secret)).toThrow(/^the XML is not well formed$/u);
});

test.each([
  ['depth', { depthMax: 2 }, '<a><b/></a>', '<a><b><c/></b></a>'],
  ['elements', { elementsMax: 2 }, '<a><b/></a>', '<a><b/><b/></a>'],
  ['attributes', { attributesMax: 1 }, '<a b=""/>', '<a b="" c=""/>'],
  ['an attribute', { attributeMax: 3 }, '<a b="123"/>', '<a b="1234"/>'],
  ['a name', { attributeMax: 3 }, '<abc/>', '<abcd/>'],
  ['a text', { textMax: 3 }, '<a>123</a>', '<a>1234</a>'],
])('the bound of %s is exact', (_, bounds, within, beyond) => {
  expect(readXml(within, bounds).children.length).toBeLessThan(2);
  expect(() => readXml(beyond, bounds)).toThrow(RangeError);
});

const name = fc.constantFrom('a', 'Document', 'PD01', 'x-y');
const leafText = fc.string({ unit: fc.constantFrom(...'ab中·<>&"\' é𠮷') });
const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.record({ name, text: leafText }).map((one) => ({ ...one, attributes: {}, children: [] })),
    fc
      .record({ name, children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) })
      .map((one) => ({ ...one, attributes: { k: '<&"' }, text: '' })),
  ),
}));

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const written = ({ attributes, children, name: tag, text }: XmlElement): string => {
  const attribute = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${tag}${attribute.join('')}>${children.map(written).join('')}${escaped(text)}</${tag}>`;
};

test('what is written is read again', () => {
  fc.assert(
    fc.property(tree, (one) => {
      expect(readXml(written(one))).toEqual(one);
    }),
  );
});

test('a document that is cut anywhere is refused', () => {
  fc.assert(
    fc.property(tree, fc.nat(), (one, at) => {
      const whole = written(one);
      expect(() => readXml(whole.slice(0, at % whole.length))).toThrow(RangeError);
    }),
  );
});
