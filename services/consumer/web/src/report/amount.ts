import type { Language } from '../language.tsx';

const formats = new Map<string, Intl.NumberFormat>();

/** Minor units of a currency as people of the language write them; exactly, whatever the size. */
export function amountText(minor: string, currency: string, language: Language): string {
  const key = `${language} ${currency}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, { style: 'currency', currency });
  formats.set(key, format);
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const [, sign = '', units = '0'] = /^(-?)(\d+)$/u.exec(minor) ?? [];
  const padded = units.padStart(digits + 1, '0');
  const at = padded.length - digits;
  const decimal = digits === 0 ? padded : `${padded.slice(0, at)}.${padded.slice(at)}`;
  return format.format(`${sign}${decimal}` as unknown as number);
}
