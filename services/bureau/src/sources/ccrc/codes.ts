/**
 * The registry's code lists in the canonical vocabulary. Account types and states, five classes, frequencies
 * and special transactions are those that public readers of the report agree on; the other lists are the
 * simulator's own (docs/sources/ccrc.md says which).
 */
type Codes = Readonly<Record<string, string>>;

/** What a code means in a list; no code means what every object has. */
export const meaningIn = (codes: Codes, code: string | undefined): string | undefined =>
  code !== undefined && Object.hasOwn(codes, code) ? codes[code] : undefined;

export const accountTypes: Codes = {
  ...{ D1: 'term', R1: 'revolving_loan', R2: 'credit_card', R3: 'semi_credit_card', R4: 'revolving_draw' },
  C1: 'recovery',
};

/** Kinds of business that make a D1 account something else than a loan. */
export const typesByBusiness: Codes = {
  ...{ 92: 'lease', 61: 'securities_financing', 62: 'securities_financing', 63: 'securities_financing' },
};

const loanStates: Codes = {
  ...{ 1: 'normal', 2: 'overdue', 3: 'settled', 4: 'bad_debt', 5: 'transferred', 8: 'judicial_recovery' },
  ...{ 6: 'collateral_short', 7: 'forced_liquidation' },
};

const cardStates: Codes = {
  ...{ 1: 'normal', 2: 'frozen', 3: 'stopped', 31: 'stopped', 4: 'closed', 5: 'bad_debt', 6: 'inactive' },
  8: 'judicial_recovery',
};

const revolvingStates: Codes = {
  ...{ 1: 'normal', 2: 'overdue', 3: 'settled', 4: 'bad_debt', 5: 'stopped', 8: 'judicial_recovery' },
};

/** The same digit means different states: 3 is settled for a loan and stopped for a card. */
export const statesByType: Readonly<Record<string, Codes>> = {
  ...{ D1: loanStates, R4: loanStates, R1: revolvingStates, R2: cardStates, R3: cardStates },
  C1: { 1: 'collecting', 2: 'ended' },
};

export const class5: Codes = {
  ...{ 1: 'normal', 2: 'special_mention', 3: 'substandard', 4: 'doubtful', 5: 'loss', 6: 'default' },
  9: 'unclassified',
};

export const frequencies: Codes = {
  ...{ '01': 'day', '02': 'week', '03': 'month', '04': 'quarter', '05': 'half_year', '06': 'year' },
  ...{ '07': 'once', '08': 'irregular', '12': 'ten_day', '13': 'two_week', '14': 'two_month', 99: 'other' },
};

export const specialTransactions: Codes = {
  ...{ 1: 'extension', 2: 'third_party_repayment', 3: 'assets_for_debt', 4: 'prepayment' },
  ...{ 5: 'early_settlement', 8: 'judicial', 9: 'other', 11: 'relief', 12: 'sold', 13: 'sold' },
  16: 'policy_deferral',
};

export const businessKinds: Codes = {
  ...{ 11: 'housing_loan', 12: 'commercial_property_loan', 13: 'housing_fund_loan', 21: 'car_loan' },
  ...{ 31: 'student_loan', 41: 'business_loan', 51: 'farmer_loan', 61: 'repo_securities' },
  ...{ 62: 'pledged_stock_repo', 63: 'margin_financing', 71: 'semi_credit_card', 81: 'credit_card' },
  ...{ 91: 'consumer_loan', 92: 'financial_lease', 99: 'other_loan' },
};

export const institutionTypes: Codes = {
  ...{ 11: 'commercial_bank', 12: 'village_bank', 16: 'finance_company', 21: 'trust', 22: 'leasing' },
  ...{ 23: 'car_finance', 24: 'consumer_finance', 26: 'asset_management', 31: 'securities', 41: 'insurance' },
  ...{ 51: 'micro_lender', 52: 'housing_fund_centre', 53: 'guarantee_company', 99: 'other' },
};

export const securityKinds: Codes = {
  ...{ 1: 'pledge', 2: 'mortgage', 3: 'guarantee', 4: 'unsecured', 5: 'combined_with_guarantee' },
  ...{ 6: 'combined_without_guarantee', 7: 'joint_guarantee', 9: 'other' },
};

export const jointRoles: Codes = { 0: 'none', 1: 'main', 2: 'co_borrower' };

export const markKinds: Codes = {
  ...{ 1: 'dispute_mark', 2: 'subject_statement', 3: 'provider_note', 4: 'bureau_note' },
};

export const markedCategories: Codes = {
  ...{ 1: 'IDENTITY', 2: 'ACCOUNT_SUMMARY', 3: 'GUARANTEE', 4: 'POSTPAID', 5: 'PUBLIC_RECORD' },
  6: 'INQUIRY',
};

export const facilityKinds: Codes = {
  ...{ 10: 'revolving', 20: 'non_revolving', 30: 'card_shared', 31: 'card_single' },
};

export const facilityStates: Codes = { 1: 'effective', 2: 'ended' };

export const liabilityRoles: Codes = {
  ...{ 1: 'co_borrower', 2: 'guarantor', 3: 'counter_guarantor', 4: 'bill_payer', 9: 'other' },
};

export const partyKinds: Codes = { 1: 'person', 2: 'enterprise' };

export const postpaidSectors: Codes = {
  ...{ 1: 'telecom', 2: 'electricity', 3: 'water', 4: 'gas', 5: 'heating', 9: 'other' },
};

export const postpaidStates: Codes = { 0: 'normal', 1: 'arrears', 2: 'closed' };

export const sexes: Codes = { 0: 'unknown', 1: 'male', 2: 'female' };

export const maritalStates: Codes = { 10: 'single', 20: 'married', 30: 'widowed', 40: 'divorced' };

export const educations: Codes = {
  ...{ 10: 'postgraduate', 20: 'bachelor', 30: 'college', 40: 'vocational', 60: 'secondary' },
  ...{ 70: 'lower_secondary', 80: 'primary', 90: 'other' },
};

export const degrees: Codes = { 1: 'honorary', 2: 'doctor', 3: 'master', 4: 'bachelor', 5: 'none' };

export const employmentStates: Codes = {
  ...{ 11: 'civil_servant', 13: 'professional', 17: 'employee', 21: 'entrepreneur', 24: 'worker' },
  ...{ 27: 'farmer', 31: 'student', 54: 'freelance', 70: 'unemployed', 80: 'retired', 90: 'other' },
};

export const occupations: Codes = {
  ...{ 0: 'leader', 1: 'professional', 3: 'clerk', 4: 'service', 5: 'agriculture', 6: 'production' },
  ...{ X: 'military', Y: 'other' },
};
