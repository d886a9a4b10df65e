/** What a clock of a dispute is about. */
export type ClockKind = 'mark' | 'forward' | 'resolve';

/** How long: in seconds, or in days of which the last one counts whole. */
export type Length =
  | { readonly seconds: number }
  | { readonly days: number }
  | { readonly workingDays: number }
  | { readonly months: number };

/**
 * What happens when a clock has run out: somebody is alarmed; the dispute goes to the provider by itself; it
 * ends as undetermined, which stays noted; or what could not be verified is deleted.
 */
export type Expiry = 'alarm' | 'forward' | 'undetermined' | 'delete';

/** A clock of disputes, as data: who says so, for what, how long, and what may move it. */
export interface ClockRule {
  readonly id: string;
  readonly source: string;
  readonly kind: ClockKind;
  readonly length: Length;
  /** By how much it may be extended, once, by somebody else than who handles the dispute. */
  readonly extension?: Length;
  /** True where it may stand still, as for an expert's test. */
  readonly stops: boolean;
  readonly onExpiry: Expiry;
}

/** The clocks of one place by its ISO 3166-2 code, beside those of the places above it. */
interface ClockLayer {
  readonly jurisdiction: string;
  readonly zone: string;
  readonly clocks: readonly ClockRule[];
}

const shanghai = 'Asia/Shanghai';
const fixed = { stops: false } as const;
const reg631 = 'Regulation on the Credit Reporting Industry (State Council Order 631), article 25';
const fcra = '15 USC 1681i';

/**
 * Chinese city and provincial rules are about social credit information; they stand here as the model of a
 * layer, as in the rules on the life of a record. The other nations' are parameters that no lawyer has seen.
 */
const layers: readonly ClockLayer[] = [
  {
    ...{ jurisdiction: 'CN', zone: shanghai },
    clocks: [
      {
        ...{ id: 'cn.dispute.mark', source: reg631, kind: 'mark', length: { seconds: 60 } },
        ...{ ...fixed, onExpiry: 'alarm' },
      },
      {
        ...{ id: 'cn.dispute.forward', source: 'Shanghai Social Credit Regulations (2017), as the model' },
        ...{ kind: 'forward', length: { workingDays: 2 }, ...fixed, onExpiry: 'forward' },
      },
      {
        ...{ id: 'cn.dispute.resolve', source: reg631, kind: 'resolve', length: { days: 20 } },
        ...{ ...fixed, onExpiry: 'undetermined' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'CN-SH', zone: shanghai },
    clocks: [
      {
        ...{ id: 'cn-sh.dispute.resolve', source: 'Shanghai Social Credit Regulations (2017)' },
        ...{ kind: 'resolve', length: { workingDays: 7 }, ...fixed, onExpiry: 'alarm' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'CN-HA', zone: shanghai },
    clocks: [
      {
        ...{ id: 'cn-ha.dispute.resolve', source: 'Henan Social Credit Regulations (2019)' },
        ...{ kind: 'resolve', length: { workingDays: 7 }, stops: true, onExpiry: 'alarm' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'CN-GD-SZ', zone: shanghai },
    clocks: [
      {
        ...{ id: 'cn-sz.dispute.resolve', source: 'Shenzhen credit rules (2023)', kind: 'resolve' },
        ...{ length: { workingDays: 3 }, extension: { workingDays: 3 }, ...fixed, onExpiry: 'alarm' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'US', zone: 'America/New_York' },
    clocks: [
      {
        ...{ id: 'us.dispute.forward', source: fcra, kind: 'forward', length: { workingDays: 5 } },
        ...{ ...fixed, onExpiry: 'forward' },
      },
      {
        ...{ id: 'us.dispute.resolve', source: fcra, kind: 'resolve', length: { days: 30 } },
        ...{ extension: { days: 15 }, ...fixed, onExpiry: 'delete' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'EU', zone: 'Europe/Brussels' },
    clocks: [
      {
        ...{ id: 'eu.dispute.resolve', source: 'GDPR, articles 12 and 16', kind: 'resolve' },
        ...{ length: { months: 1 }, extension: { months: 2 }, ...fixed, onExpiry: 'alarm' },
      },
    ],
  },
  {
    ...{ jurisdiction: 'IN', zone: 'Asia/Kolkata' },
    clocks: [
      {
        ...{ id: 'in.dispute.lender', source: 'RBI framework for compensation, 2023', kind: 'forward' },
        ...{ length: { days: 21 }, ...fixed, onExpiry: 'alarm' },
      },
      {
        ...{ id: 'in.dispute.total', source: 'RBI framework for compensation, 2023', kind: 'resolve' },
        ...{ length: { days: 30 }, ...fixed, onExpiry: 'alarm' },
      },
    ],
  },
];

/** All clocks of a place: each of them runs, so that the strictest one comes first. */
export interface ClockRules {
  readonly nation: string;
  readonly zone: string;
  readonly clocks: readonly ClockRule[];
}

/** The clocks of a place ('CN', 'CN-SH', 'US'), and those of the nation for a place without its own. */
export function clockRulesOf(jurisdiction: string): ClockRules {
  const over = layers.filter((layer) => `${jurisdiction}-`.startsWith(`${layer.jurisdiction}-`));
  return {
    nation: jurisdiction.slice(0, 2),
    zone: over.at(-1)?.zone ?? 'UTC',
    clocks: over.flatMap(({ clocks }) => clocks),
  };
}
