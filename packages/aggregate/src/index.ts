export { merge, type Merge } from './merge.ts';
export type { BureauRow } from './rows.ts';
