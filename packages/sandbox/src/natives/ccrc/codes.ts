import type { CreditRecord } from '@causeway/records';

/** The registry's own codes, by what they mean. Where two mean the same, the usual one. */
type Codes = Readonly<Record<string, string>>;

export const accountTypes: Codes = {
  ...{ term: 'D1', revolving_loan: 'R1', credit_card: 'R2', semi_credit_card: 'R3', revolving_draw: 'R4' },
  ...{ recovery: 'C1', lease: 'D1', securities_financing: 'D1' },
};

const accountStates: Readonly<Record<string, Codes>> = {
  D1: {
    ...{ normal: '1', overdue: '2', settled: '3', bad_debt: '4', transferred: '5', collateral_short: '6' },
    ...{ forced_liquidation: '7', judicial_recovery: '8' },
  },
  R1: {
    ...{ normal: '1', overdue: '2', settled: '3', bad_debt: '4', stopped: '5', judicial_recovery: '8' },
  },
  R2: {
    ...{ normal: '1', frozen: '2', stopped: '3', closed: '4', bad_debt: '5', inactive: '6' },
    judicial_recovery: '8',
  },
  C1: { collecting: '1', ended: '2' },
};

export const class5: Codes = {
  ...{ normal: '1', special_mention: '2', substandard: '3', doubtful: '4', loss: '5', default: '6' },
  unclassified: '9',
};

export const frequencies: Codes = {
  ...{ day: '01', week: '02', month: '03', quarter: '04', half_year: '05', year: '06', once: '07' },
  ...{ irregular: '08', ten_day: '12', two_week: '13', two_month: '14', other: '99' },
};

export const transactions: Codes = {
  ...{ extension: '1', third_party_repayment: '2', assets_for_debt: '3', prepayment: '4' },
  ...{ early_settlement: '5', judicial: '8', other: '9', relief: '11', sold: '12', policy_deferral: '16' },
};

export const businessKinds: Codes = {
  ...{ housing_loan: '11', commercial_property_loan: '12', housing_fund_loan: '13', car_loan: '21' },
  ...{ student_loan: '31', business_loan: '41', farmer_loan: '51', repo_securities: '61' },
  ...{ pledged_stock_repo: '62', margin_financing: '63', semi_credit_card: '71', credit_card: '81' },
  ...{ consumer_loan: '91', financial_lease: '92', other_loan: '99' },
};

export const institutions: Codes = {
  ...{ commercial_bank: '11', village_bank: '12', finance_company: '16', trust: '21', leasing: '22' },
  ...{ car_finance: '23', consumer_finance: '24', asset_management: '26', securities: '31' },
  ...{ insurance: '41', micro_lender: '51', housing_fund_centre: '52', guarantee_company: '53' },
  other: '99',
};

export const securities: Codes = {
  ...{ pledge: '1', mortgage: '2', guarantee: '3', unsecured: '4', combined_with_guarantee: '5' },
  ...{ combined_without_guarantee: '6', joint_guarantee: '7', other: '9' },
};

export const jointRoles: Codes = { none: '0', main: '1', co_borrower: '2' };
export const marks: Codes = {
  ...{ dispute_mark: '1', subject_statement: '2', provider_note: '3', bureau_note: '4' },
};
export const aboutCategories: Codes = {
  ...{ IDENTITY: '1', ACCOUNT_SUMMARY: '2', ACCOUNT_DETAIL: '2', GUARANTEE: '3', POSTPAID: '4' },
  ...{ PUBLIC_RECORD: '5', INQUIRY: '6' },
};
export const facilityKinds: Codes = {
  ...{ revolving: '10', non_revolving: '20', card_shared: '30', card_single: '31' },
};
export const facilityStates: Codes = { effective: '1', ended: '2' };
export const liabilityRoles: Codes = {
  ...{ co_borrower: '1', guarantor: '2', counter_guarantor: '3', bill_payer: '4', other: '9' },
};
export const parties: Codes = { person: '1', enterprise: '2' };
export const sectors: Codes = {
  ...{ telecom: '1', electricity: '2', water: '3', gas: '4', heating: '5', other: '9' },
};
export const postpaidStates: Codes = { normal: '0', arrears: '1', closed: '2' };
export const sexes: Codes = { unknown: '0', male: '1', female: '2' };
export const maritalStates: Codes = { single: '10', married: '20', widowed: '30', divorced: '40' };
export const educations: Codes = {
  ...{ postgraduate: '10', bachelor: '20', college: '30', vocational: '40', secondary: '60' },
  ...{ lower_secondary: '70', primary: '80', other: '90' },
};
export const degrees: Codes = { honorary: '1', doctor: '2', master: '3', bachelor: '4', none: '5' };
export const employments: Codes = {
  ...{ civil_servant: '11', professional: '13', employee: '17', employed: '17', entrepreneur: '21' },
  ...{ worker: '24', farmer: '27', student: '31', freelance: '54', unemployed: '70', retired: '80' },
  other: '90',
};
export const occupations: Codes = {
  ...{ leader: '0', professional: '1', clerk: '3', service: '4', agriculture: '5', production: '6' },
  ...{ military: 'X', other: 'Y' },
};
export const roles: Codes = {
  ...{ legal_representative: '0', chair: '1', general_manager: '2', finance_head: '3', supervisor: '4' },
  other: '9',
};
export const statementKinds: Codes = { balance_sheet: '1', income: '2', cash_flow: '3' };
export const spans: Codes = { year: '10', half_year: '20', quarter: '30', month: '40' };
export const outlooks: Codes = { positive: '1', stable: '2', negative: '3' };

/** Which list of states an account's type has. */
export function statesOf(type: string): Codes {
  if (type === 'R4') return accountStates['D1'] ?? {};
  if (type === 'R3') return accountStates['R2'] ?? {};
  return accountStates[type] ?? {};
}

/** A native code that an adapter kept from this registry, or undefined. */
export const keptCode = (record: CreditRecord, field: string): string | undefined =>
  record.native_scheme === 'pboc2' ? record.native?.[field] : undefined;
