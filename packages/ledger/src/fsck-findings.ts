/** What does not hold in a ledger, and exactly where. */
export interface Finding {
  readonly what: 'leaf' | 'tile' | 'checkpoint' | 'cosignature' | 'state';
  /** An index or `first-last`, a tile's `level/index`, or a checkpoint's size. */
  readonly at: string;
  readonly detail: string;
}

/** Collects findings up to a bound; neighbours among leaves with one fault are one finding. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #max: number;
  #run: { first: number; last: number; detail: string } | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  add(finding: Finding): void {
    if (this.list.length < this.#max) this.list.push(finding);
  }

  leaf(index: number, detail: string): void {
    const run = this.#run;
    if (run?.detail === detail && run.last === index - 1) this.#run = { ...run, last: index };
    else {
      this.endRun();
      this.#run = { first: index, last: index, detail };
    }
  }

  /** Nothing more is said of the leaves that were told last. */
  endRun(): void {
    if (this.#run)
      this.add({ what: 'leaf', at: rangeText(this.#run.first, this.#run.last), detail: this.#run.detail });
    this.#run = undefined;
  }
}

/** One index, or the first and the last. */
export const rangeText = (first: number, last: number): string =>
  first === last ? `${first}` : `${first}-${last}`;
