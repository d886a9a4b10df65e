import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Leg, judgeInquiry } from './pairing.ts';
import { allRead, foundIn, history, legsIn, rolesOf } from './pairing.fixture.ts';

test('a correct history pairs in every leg', () => {
  fc.assert(
    fc.property(history, (recorded) => {
      const legs = legsIn(recorded);
      expect(judgeInquiry(legs, allRead)).toEqual({ findings: [], paired: legs.length, waiting: 0 });
    }),
  );
});

test('at no moment of reading does a correct history raise an alarm, whatever is slow or stopped', () => {
  const step = fc.record({
    /** What happens: the history goes on, or a page of a ledger is read. */
    does: fc.constantFrom(
      'commits',
      'commits',
      'consumer',
      'broker',
      'other-broker',
      'central',
      'harbour',
      'lotus',
    ),
    /** Leaves that have no place yet and that the page does not show. */
    lag: fc.nat(2),
  });
  fc.assert(
    fc.property(history, fc.array(step, { maxLength: 60 }), (recorded, steps) => {
      const world = new World(legsIn(recorded));
      for (const { does, lag } of steps) {
        world.step(does, lag);
        expect(world.judge().findings).toEqual([]);
      }
      expect(world.readAll()).toEqual({ findings: [], paired: recorded.length, waiting: 0 });
    }),
    { numRuns: 500 },
  );
});

/** Nodes that record a history by and by, and a reader who sees of each what has its place. */
class World {
  readonly #legs: readonly Leg[];
  readonly #seen = new Map<Leg, number>();
  readonly #committedAt = new Map<Leg, number>();
  readonly #through = new Map<string, number>();
  #now = 0;

  constructor(legs: readonly Leg[]) {
    this.#legs = legs;
  }

  step(does: string, lag: number): void {
    this.#now += 1;
    if (does === 'commits') {
      const next = this.#legs[this.#committedAt.size];
      if (next !== undefined) this.#committedAt.set(next, this.#now);
      return;
    }
    const ledger = [...this.#committedAt.keys()].filter(({ member }) => member === does);
    const placed = ledger.slice(0, Math.max(0, ledger.length - lag));
    const waiting = ledger[placed.length];
    const asked = this.#now;
    this.#now += 1;
    for (const leg of placed) if (!this.#seen.has(leg)) this.#seen.set(leg, this.#now);
    const through = waiting === undefined ? asked : Math.min(asked, this.#committedAt.get(waiting) ?? 0);
    this.#through.set(does, Math.max(through, this.#through.get(does) ?? 0));
  }

  judge() {
    const legs = [...this.#seen].map(([leg, seenMs]) => ({ ...leg, seenMs }));
    return judgeInquiry(legs, {
      rolesOf,
      readThrough: (role, ms) =>
        ['consumer', 'broker', 'other-broker', 'central', 'harbour', 'lotus']
          .filter((member) => rolesOf(member).includes(role))
          .every((member) => (this.#through.get(member) ?? -1) > ms),
      patientSinceMs: this.#now,
    });
  }

  readAll() {
    for (const _ of this.#legs) this.step('commits', 0);
    for (const member of ['consumer', 'broker', 'other-broker', 'central', 'harbour', 'lotus'])
      this.step(member, 0);
    return this.judge();
  }
}

/** A history and one of its legs. */
const withOne = history.chain((recorded) =>
  fc.record({ legs: fc.constant(legsIn(recorded)), at: fc.nat(recorded.length - 1) }),
);
const place = (kind: string, { index, member }: Leg) => `${kind} ${member} ${index}`;

test('any single leg that is taken away is found at each leg that needs it, and nowhere else', () => {
  fc.assert(
    fc.property(withOne, ({ at, legs }) => {
      const gone = legs[at];
      const left = legs.filter((leg) => leg !== gone);
      const expected = left.flatMap((leg) => {
        const { typ, use } = leg;
        const answers =
          typ === 'disclosure' ||
          typ === 'report' ||
          (typ === 'refusal' && rolesOf(leg.member).includes('bureau'));
        const granted = left.some(
          (other) => other.typ === 'grant' && other.aud === leg.member && other.use === use,
        );
        return [
          ...(gone?.typ === 'inquiry' ? [place(`${typ}_without_inquiry`, leg)] : []),
          ...(gone?.typ === 'grant' && answers && !granted ? [place(`${typ}_without_grant`, leg)] : []),
        ];
      });
      expect(foundIn(left)).toEqual(expected.toSorted());
    }),
    { numRuns: 500 },
  );
});

test('any single answer or refusal that comes twice is found by its second leaf, and no other leg is', () => {
  fc.assert(
    fc.property(withOne, ({ at, legs }) => {
      const once = legs[at];
      fc.pre(once !== undefined);
      const again: Leg = { ...once, digest: 'another digest', index: 100 };
      const kinds: Record<string, string> = {
        disclosure: 'second_answer',
        refusal: rolesOf(once.member).includes('bureau') ? 'second_answer' : 'second_refusal',
      };
      const kind = kinds[once.typ];
      expect(foundIn([...legs, again])).toEqual(kind === undefined ? [] : [place(kind, again)]);
      expect(foundIn([...legs, { ...once, index: 100 }])).toEqual([place('leaf_twice', again)]);
    }),
  );
});

test('any single leg that is invented for another use, bureau or ledger is found and named', () => {
  const invented = fc.record({
    typ: fc.constantFrom('disclosure', 'refusal', 'report', 'grant'),
    member: fc.constantFrom('consumer', 'broker', 'central', 'harbour', 'lotus'),
    use: fc.constant(99),
  });
  fc.assert(
    fc.property(history, invented, (recorded, { member, typ, use }) => {
      const legs = legsIn(recorded);
      const leg = {
        ...{ typ, member, use, iss: member, aud: 'nobody', digest: 'invented', inquiry: 'inquiry' },
      };
      const planted: Leg = { ...leg, index: 100, seenMs: 1 };
      const home: Record<string, string> = { grant: 'consumer', disclosure: 'bureau', report: 'broker' };
      const role = rolesOf(member)[0];
      const misplaced = home[typ] !== undefined && home[typ] !== role;
      // A grant that nobody presents, and a refusal of a use, say nothing that another ledger denies.
      const silent = typ === 'grant' || (typ === 'refusal' && role !== 'bureau');
      const kind = misplaced ? 'misplaced_leaf' : `${typ}_without_grant`;
      expect(foundIn([...legs, planted])).toEqual(!misplaced && silent ? [] : [place(kind, planted)]);
    }),
    { numRuns: 300 },
  );
});
