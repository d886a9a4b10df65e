import type { ZhimaQuirks } from './zhima-quirks.ts';

/** A native value: what a gateway writes into its inner object. */
export type NativeValue = string | number | boolean | null | readonly NativeValue[] | NativeObject;
export interface NativeObject {
  readonly [key: string]: NativeValue;
}

type Style = Pick<ZhimaQuirks, 'spacing' | 'keyOrder' | 'escapes'>;

/** The text of an inner object in the style of the day. */
export function nativeJson(value: NativeObject, { escapes, keyOrder, spacing }: Style): string {
  const ordered = keyOrder === 'reversed' ? reversed(value) : value;
  const text = JSON.stringify(ordered, undefined, spacing === 'spaced' ? '\t ' : undefined);
  return escapes === 'unicode' ? escapedJson(text) : text;
}

/** The same JSON in ASCII only. */
export function escapedJson(text: string): string {
  return text.replaceAll(/[\u0080-\uffff]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function reversed(value: NativeValue): NativeValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]));
}
