export type { Asker } from './asker.ts';
export { type Cited, type CitedAssertion, type CitedInquiry, type CitedWarrant } from './basis.ts';
export { decideAtBroker, type BrokerFacts } from './broker.ts';
export { decideAtBureau, type Asserted, type BureauFacts, type BureauRefusal } from './bureau.ts';
export { decideAtConsumer, type ConsentFacts, type ConsumerFacts, type Redemption } from './consumer.ts';
export { type Approval, type Denial } from './decision.ts';
export { permitStands, type Moment, type Permit } from './permit.ts';
export { bindsToOwnAccounts, withinObligations, type WithinObligations } from './own-accounts.ts';
export { opensFreeze, stopForbidsRelease, type Stop } from './stop.ts';
