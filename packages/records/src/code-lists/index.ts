import { cicRepaymentStates } from './cic-repayment-states.ts';
import type { CodeList } from './code-list.ts';
import { metro2AccountStatus, metro2Ecoa, metro2PortfolioTypes } from './metro2-accounts.ts';
import { metro2RepaymentStates } from './metro2-repayment-states.ts';
import { pbocAccountStates, pbocAccountTypes, pbocClass5, pbocFrequencies } from './pboc-accounts.ts';
import { pbocPublicRecords, pbocSpecialTransactions } from './pboc-events.ts';
import { pbocQueryReasons } from './pboc-query-reasons.ts';
import { pbocRepaymentStates } from './pboc-repayment-states.ts';
import { tuefRepaymentStates } from './tuef-repayment-states.ts';
import { zhimaAmountBands, zhimaRiskCodes, zhimaRiskTypes, zhimaSectors } from './zhima-watchlist.ts';

export { entryOf, type CodeEntry, type CodeList, type DpdRange } from './code-list.ts';

/** Every code list of the model; a native code is read here and nowhere else. */
export const codeLists: readonly CodeList[] = [
  pbocAccountTypes,
  pbocAccountStates,
  pbocClass5,
  pbocFrequencies,
  pbocRepaymentStates,
  pbocSpecialTransactions,
  pbocPublicRecords,
  pbocQueryReasons,
  metro2PortfolioTypes,
  metro2AccountStatus,
  metro2Ecoa,
  metro2RepaymentStates,
  cicRepaymentStates,
  tuefRepaymentStates,
  zhimaSectors,
  zhimaRiskTypes,
  zhimaRiskCodes,
  zhimaAmountBands,
];
