import { normaliseIdentifier } from '../identifiers.ts';
import type { Identifier } from '../identifiers.ts';
import { sandboxIdentifier } from '../sandbox-identifier.ts';
import type { SubjectRule } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';

/** Whom a line is about. @throws LineFault */
type ReadSubject = (row: Row) => Identifier;

export function compileSubject(rule: SubjectRule, index: ColumnIndex): ReadSubject {
  const column = rule.id.column;
  const at = index(column);
  const identify = identifierReader(rule, index);
  return (row) => {
    const text = row[at];
    if (text === undefined || text === '')
      throw new LineFault('required', 'The subject has no identifier.', column, '/subject/id');
    try {
      return identify(text, row);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const what = `The identifier is refused: ${error.message}.`;
      throw new LineFault('identifier_check', what, column, '/subject/id');
    }
  };
}

function identifierReader(rule: SubjectRule, index: ColumnIndex): (text: string, row: Row) => Identifier {
  const { scheme } = rule;
  if (scheme === 'sandbox') {
    const { prefix, hashed } = rule;
    const from = { ...(prefix === undefined ? {} : { prefix }), ...(hashed ? { hashed } : {}) };
    return (text) => sandboxIdentifier(text, from);
  }
  if (typeof scheme === 'string') return (text) => normaliseIdentifier(scheme, text);
  const at = index(scheme.column);
  const schemes = new Map(Object.entries(scheme.values));
  return (text, row) => {
    const named = schemes.get(row[at] ?? '');
    if (named === undefined) {
      const what = `The column "${scheme.column}" has a code that the mapping does not list.`;
      throw new LineFault('code', what, scheme.column, '/subject/scheme');
    }
    return normaliseIdentifier(named, text);
  };
}
