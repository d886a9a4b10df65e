import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ClaimRule } from './claim-rule.ts';
import { CausewayError, type ErrorCode } from './errors.ts';

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
}

/** Checks a value and gives it its type, or throws `code` naming the first member at fault. */
export type SchemaCheck<T> = (value: unknown) => T;

/**
 * A compiled check of `schema` and then of `rules`. Compiled at the first use, so that a process pays only
 * for the statements it meets.
 */
export function schemaCheck<S extends TSchema>(
  schema: S,
  rules: readonly ClaimRule<Static<S>>[] = [],
  code: ErrorCode = 'statement_malformed',
): SchemaCheck<Static<S>> {
  let compiled: { Check(value: unknown): boolean; Errors(value: unknown): SchemaError[] } | undefined;
  return (value) => {
    compiled ??= Compile(schema);
    if (!compiled.Check(value)) throw schemaError(code, compiled.Errors(value));
    const claims = value as Static<S>;
    for (const { pointer, says, holds } of rules) {
      if (!holds(claims)) throw new CausewayError(code, { pointer, detail: `${pointer} ${says}.` });
    }
    return claims;
  };
}

/** A member that is missing or unknown says more than what follows from it, so it is named first. */
const firstKeywords = ['required', 'additionalProperties'];

function schemaError(code: ErrorCode, errors: readonly SchemaError[]): CausewayError {
  const error = errors.find(({ keyword }) => firstKeywords.includes(keyword)) ?? errors[0];
  if (!error) return new CausewayError(code);
  const missing = firstOf(error.params, 'requiredProperties');
  if (missing !== undefined) return named(code, `${error.instancePath}/${missing}`, 'is missing');
  const unknown = firstOf(error.params, 'additionalProperties');
  if (unknown !== undefined) return named(code, `${error.instancePath}/${shown(unknown)}`, 'is not known');
  return named(code, error.instancePath || '/', 'is not as the schema says');
}

function named(code: ErrorCode, pointer: string, says: string): CausewayError {
  return new CausewayError(code, { pointer, detail: `${pointer} ${says}.` });
}

function firstOf(params: object, key: string): string | undefined {
  const list: unknown = Reflect.get(params, key);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

/** The name of an unknown member comes from outside: only what looks like a name is repeated. */
function shown(name: string): string {
  return /^\w{1,40}$/u.test(name) ? name : '?';
}
