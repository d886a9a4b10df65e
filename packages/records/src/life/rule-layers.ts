import type { LifeLayer, LifeRules, RetentionRule } from './rules.ts';

const shanghai = 'Asia/Shanghai';

const always = { inForceFrom: '1970-01-01', appliesToRunning: true } as const;
const bothKinds = ['person', 'enterprise'] as const;

/** Holds everywhere: public information does not outlive its register (CJEU C-26/22, 7 December 2023). */
const everywhere: LifeLayer = {
  jurisdiction: '',
  retention: [
    {
      ...{ id: 'register.until', source: 'CJEU C-26/22 and C-64/22', effect: 'delete', ...always },
      ...{ subjects: bothKinds, of: { record: 'public_record' }, from: ['public_register_until'] },
      ...{ plusMonths: 0, zone: shanghai },
    },
  ],
  overrides: [],
  notices: [],
};

const reg631 = 'Regulation on the Credit Reporting Industry (State Council Order 631)';

/**
 * The adverse information of persons goes five years after the behaviour has ended; an enterprise's stays.
 */
const china: LifeLayer = {
  jurisdiction: 'CN',
  retention: [
    {
      ...{ id: 'cn.adverse.expire', source: `${reg631}, article 16`, effect: 'delete' },
      ...{ subjects: ['person'], of: { adverse: true }, from: ['adverse_ended_on'], plusMonths: 60 },
      ...{ zone: shanghai, inForceFrom: '2013-03-15', appliesToRunning: true },
    },
  ],
  overrides: [
    {
      ...{ id: 'cn.override.repair2025', source: 'PBOC one-off credit repair, December 2025' },
      ...{ subjects: ['person'], currency: 'CNY', amountMaxMinor: 1_000_000n, zone: shanghai },
      ...{ arisenFrom: '2020-01-01', arisenTo: '2025-12-31', repaidBy: '2026-03-31' },
      ...{ early: '2025-11-30', earlyFrom: '2026-01-01' },
    },
  ],
  notices: [{ id: 'cn.adverse.notice', source: `${reg631}, article 15`, subjects: ['person'] }],
};

/**
 * City and provincial rules are about social credit information, not about the PBOC database; they stand
 * here as the model of a layer.
 */
const afterFiveYears = (
  parts: Pick<RetentionRule, 'id' | 'source' | 'effect' | 'inForceFrom'>,
): LifeLayer => ({
  jurisdiction: '',
  retention: [
    {
      ...{ subjects: bothKinds, of: { adverse: true }, from: ['adverse_ended_on'], plusMonths: 60 },
      ...{ zone: shanghai, appliesToRunning: true, ...parts },
    },
  ],
  overrides: [],
  notices: [],
});

const cities: readonly LifeLayer[] = [
  {
    ...afterFiveYears({
      ...{ id: 'cn-sh.adverse.not_provided', effect: 'suppress', inForceFrom: '2017-10-01' },
      source: 'Shanghai Social Credit Regulations (2017)',
    }),
    jurisdiction: 'CN-SH',
  },
  {
    ...afterFiveYears({
      ...{ id: 'cn-ha.adverse.archive', effect: 'archive', inForceFrom: '2020-05-01' },
      source: 'Henan Social Credit Regulations (2019)',
    }),
    jurisdiction: 'CN-HA',
  },
];

const fcra = { source: '15 USC 1681c', effect: 'suppress', zone: 'America/New_York', ...always } as const;

/**
 * Obsolete information. The clock of a debt starts 180 days after the first delinquency, and a sale or a part
 * payment never starts it anew; a bankruptcy has ten years.
 */
const unitedStates: LifeLayer = {
  jurisdiction: 'US',
  retention: [
    {
      ...{ ...fcra, id: 'us.obsolete.7y', subjects: ['person'], of: { adverse: true } },
      ...{ from: ['first_delinquency_on'], plusDays: 180, plusMonths: 84 },
    },
    {
      ...{ ...fcra, id: 'us.obsolete.public', subjects: ['person'] },
      ...{ of: { adverse: true, record: 'public_record', otherThan: ['bankruptcy'] } },
      ...{ from: ['decided_on', 'filed_on'], plusMonths: 84 },
    },
    {
      ...{ ...fcra, id: 'us.bankruptcy', subjects: ['person'] },
      ...{ of: { record: 'public_record', kinds: ['bankruptcy'] } },
      ...{ from: ['decided_on', 'filed_on'], plusMonths: 120 },
    },
  ],
  overrides: [],
  notices: [],
};

const layers: readonly LifeLayer[] = [everywhere, china, ...cities, unitedStates];

const assembled = new Map<string, LifeRules>();

/**
 * The rules for records of a place, by its ISO 3166-2 code ('CN', 'CN-SH', 'CN-HA', 'US'): those that hold
 * everywhere, its nation's, and its own. A place without rules of its own has those above it.
 */
export function lifeRulesOf(jurisdiction: string): LifeRules {
  const known = assembled.get(jurisdiction);
  if (known) return known;
  const over = layers.filter(
    (layer) => layer.jurisdiction === '' || `${jurisdiction}-`.startsWith(`${layer.jurisdiction}-`),
  );
  const rules: LifeRules = {
    retention: over.flatMap(({ retention }) => retention),
    overrides: over.flatMap(({ overrides }) => overrides),
    notices: over.flatMap(({ notices }) => notices),
    zone: over.flatMap(({ retention }) => retention).at(-1)?.zone ?? 'UTC',
  };
  assembled.set(jurisdiction, rules);
  return rules;
}
