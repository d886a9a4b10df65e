export * from './account.ts';
export * from './categories.ts';
export * from './purposes.ts';
export * from './record.ts';
export * from './repayment.ts';
export * from './report.ts';
