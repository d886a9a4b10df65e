import type { FixedLayout } from './layout.ts';
import type { RawLine } from './line-splitter.ts';
import { PublishingRefusal } from './refusal.ts';

type Totals = NonNullable<FixedLayout['totals']>;
type SumRule = NonNullable<Totals['sums']>[number];

interface Place {
  readonly at: number;
  readonly bytes: number;
}

interface Sum {
  readonly rule: SumRule;
  readonly place: Place;
  total: bigint;
  /** The first record whose amount cannot be read. */
  unreadable: number | undefined;
}

const ascii = new TextDecoder('latin1');

/** The text of a place, one character for each byte. */
export const placeText = (bytes: Uint8Array, { at, bytes: length }: Place): string =>
  ascii.decode(bytes.subarray(at, at + length));

/** Adds up the data records of a file, for its trailer. */
export class FixedTotals {
  readonly #totals: Totals;
  readonly #sums: readonly Sum[];
  #count = 0n;

  constructor(totals: Totals, columns: FixedLayout['columns']) {
    this.#totals = totals;
    this.#sums = (totals.sums ?? []).map((rule) => {
      const place = columns.find(({ name }) => name === rule.column);
      if (!place) throw new RangeError('a mapping that was not checked');
      return { rule, place, total: 0n, unreadable: undefined };
    });
  }

  add({ bytes, line }: RawLine): void {
    this.#count += 1n;
    for (const sum of this.#sums) {
      const amount = bytes && wholeNumber(placeText(bytes, sum.place), sum.rule.sign);
      if (amount === undefined) sum.unreadable ??= line;
      else sum.total += amount;
    }
  }

  /** @throws PublishingRefusal `totals_mismatch` */
  check(trailer: RawLine): void {
    const { count } = this.#totals;
    const stated = (place: Place, sign?: 'first' | 'last'): bigint => {
      const found = trailer.bytes && wholeNumber(placeText(trailer.bytes, place), sign);
      return found ?? mismatch('The trailer does not hold whole numbers where the mapping says.');
    };
    if (count && stated(count) !== this.#count)
      mismatch(`The trailer says another number of records than ${this.#count}, which the file has.`);
    for (const { rule, total, unreadable } of this.#sums) {
      if (unreadable !== undefined)
        mismatch(`The column "${rule.column}" cannot be added up: line ${unreadable} has no whole number.`);
      if (stated(rule, rule.sign) !== total)
        mismatch(`The column "${rule.column}" does not add up to the sum of the trailer.`);
    }
  }
}

function mismatch(message: string): never {
  throw new PublishingRefusal('totals_mismatch', message);
}

/** A padded whole number with its sign where the layout says, or undefined. */
function wholeNumber(text: string, sign: 'first' | 'last' | undefined): bigint | undefined {
  const trimmed = text.trim();
  const expression = sign === 'last' ? /^([0-9]{1,36})([+-]?)$/u : /^([+-]?)([0-9]{1,36})$/u;
  const match = expression.exec(trimmed);
  if (!match) return undefined;
  const [mark, digits] = sign === 'last' ? [match[2], match[1]] : [match[1], match[2]];
  return mark === '-' ? -BigInt(digits ?? '') : BigInt(digits ?? '');
}
