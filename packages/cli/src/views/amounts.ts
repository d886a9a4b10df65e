const DECIMALS: Record<string, number> = { JPY: 0, KRW: 0, KWD: 3, VND: 0 };

/** Minor units as people write them: 1234567 CNY is 12,345.67. Exact: no floating point. */
export function amount(minor: string | undefined, currency: string): string {
  if (minor === undefined) return '–';
  const decimals = DECIMALS[currency] ?? 2;
  const digits = minor.padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
}
