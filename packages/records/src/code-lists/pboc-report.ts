/** The edition and citation that the lists of the PBOC report share. */
export const pbocReport = {
  scheme: 'pboc',
  version: '2020',
  source:
    'People’s Bank of China, Credit Reference Center: credit report, second generation (二代信用报告), in use ' +
    'since January 2020; codes as public readers of the report have them, its interface specification is ' +
    'not public',
} as const;
