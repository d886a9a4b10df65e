import { decodeStrict } from '@causeway/records/encodings';
import type { Encoding } from '@causeway/records/encodings';

const declaration = /^<\?xml\s+version=["']1\.0["']\s+encoding=["']([A-Za-z0-9_.-]{1,20})["']/u;
const headChars = 100;

/** GB2312 and GBK are parts of GB18030, in which the same bytes mean the same characters. */
const known: Readonly<Record<string, Encoding>> = {
  ...{ GB18030: 'gb18030', GBK: 'gbk', GB2312: 'gbk', 'UTF-8': 'utf-8', UTF8: 'utf-8' },
};

/**
 * The text of an XML document in the encoding that it declares, or in GB18030 where it declares none. Bytes
 * that mean nothing in that encoding are refused, and so is a declaration that contradicts `label`, what the
 * transport says.
 * @throws RangeError
 */
export function decodeDeclared(bytes: Uint8Array, label?: string): string {
  const head = Buffer.from(bytes.subarray(0, headChars)).toString('latin1');
  const declared = encodingOf(declaration.exec(head)?.[1]);
  const told = encodingOf(label);
  if (declared !== undefined && told !== undefined && isUnicode(declared) !== isUnicode(told)) {
    throw new RangeError('two encodings are declared');
  }
  return decodeStrict(bytes, declared ?? told ?? 'gb18030');
}

function encodingOf(label: string | undefined): Encoding | undefined {
  if (label === undefined) return undefined;
  const encoding = known[label.toUpperCase()];
  if (encoding === undefined) throw new RangeError('an encoding that is not read here');
  return encoding;
}

const isUnicode = (encoding: Encoding): boolean => encoding === 'utf-8';
