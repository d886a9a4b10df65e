import { currencyExponent } from '@causeway/kernel';
import type { CreditRecord } from '@causeway/records';

import { keptCode } from './codes.ts';
import type { CcrcQuirks } from './quirks.ts';

/** Text between tags, with what XML gives a meaning written out. */
export const tag = (name: string, text: string): string =>
  `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`;

/** A group of tags that are already written; nothing where there are none. */
export const group = (name: string, inner: string): string =>
  inner === '' ? '' : `<${name}>${inner}</${name}>`;

type Codes = Readonly<Record<string, string>>;

/** Writes the fields of one record as tags, the way the registry does at the moment. */
export class Tags {
  readonly record: CreditRecord;
  readonly quirks: CcrcQuirks;
  readonly #values: Readonly<Record<string, unknown>>;
  #xml = '';

  constructor(record: CreditRecord, quirks: CcrcQuirks) {
    this.record = record;
    this.quirks = quirks;
    this.#values = record;
  }

  get xml(): string {
    return this.#xml;
  }

  /** A tag that an adapter kept by its name. */
  kept(...names: string[]): this {
    for (const name of names) {
      const text = this.record.native_ext?.[name];
      if (text !== undefined) this.raw(name, text);
    }
    return this;
  }

  raw(name: string, text: string | undefined): this {
    if (text !== undefined) this.#xml += tag(name, text);
    return this;
  }

  /** A group written elsewhere. */
  inner(xml: string): this {
    this.#xml += xml;
    return this;
  }

  code(name: string, field: string, codes: Codes): this {
    return this.#write(name, field, (value) => keptCode(this.record, field) ?? codes[String(value)]);
  }

  /** A word that is its own code: written as it was kept, or in capitals. */
  word(name: string, field: string): this {
    return this.#write(name, field, (value) => keptCode(this.record, field) ?? String(value).toUpperCase());
  }

  plain(name: string, field: string): this {
    return this.#write(name, field, String);
  }

  date(name: string, field: string): this {
    return this.#write(name, field, (value) => dayText(String(value), this.quirks));
  }

  amount(name: string, field: string, currency: string, commas = true): this {
    return this.#write(name, field, (value) =>
      wholeUnits(String(value), currency, commas && this.quirks.commas),
    );
  }

  /** An amount that carries its currency; the registry keeps these in yuan. */
  money(name: string, field: string): this {
    return this.#write(name, field, (value) => {
      const { amount_minor, currency } = value as { amount_minor: string; currency: string };
      return wholeUnits(amount_minor, currency, this.quirks.commas);
    });
  }

  percent(name: string, field: string): this {
    return this.#write(name, field, (value) => {
      const digits = String(value).padStart(5, '0');
      return `${digits.slice(0, -4)}.${digits.slice(-4)}%`;
    });
  }

  #write(name: string, field: string, render: (value: unknown) => string | undefined): this {
    const kept = this.record.native_ext?.[name];
    if (kept !== undefined) return this.raw(name, kept);
    const value = this.#values[field];
    if (value !== undefined) return this.raw(name, render(value));
    const code = keptCode(this.record, field);
    if (code !== undefined) return this.raw(name, code);
    return this.raw(name, gapText(this.record.absent?.[field], this.quirks));
  }
}

/** How the registry writes that there is no value: a dash, an empty tag, or no tag. */
export function gapText(why: string | undefined, quirks: CcrcQuirks): string | undefined {
  if (why === 'not_applicable' && quirks.dashes) return '--';
  return why === 'unknown_at_source' && quirks.emptyTags ? '' : undefined;
}

const dayText = (text: string, { timesForDays }: CcrcQuirks): string =>
  timesForDays && text.length === 10 ? `${text}T00:00:00` : text;

/** Minor units as whole ones: the registry has no fen, half a yuan is rounded away from zero. */
export function wholeUnits(minor: string, currency: string, commas: boolean): string {
  const unit = 10n ** BigInt(currencyExponent(currency));
  const value = BigInt(minor);
  const size = value < 0n ? -value : value;
  const whole = ((size + unit / 2n) / unit).toString();
  const digits = commas ? whole.replaceAll(/\B(?=(\d{3})+$)/gu, ',') : whole;
  return value < 0n && whole !== '0' ? `-${digits}` : digits;
}
