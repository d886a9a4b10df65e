import { CausewayError } from '@causeway/protocol';
import type { FastifySchemaCompiler } from 'fastify';
import Type from 'typebox';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * Compiles a route's schema so that unknown members are refused at every depth, and nothing is coerced,
 * filled in or removed. Query and path values, which are always text, become integers only where the schema
 * says integer and the text is a plain decimal. A body schema that would let unknown members pass stops the
 * start of the service.
 */
export const strictValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart, url }) => {
  if (httpPart !== 'headers') requireClosed(schema, `${url ?? 'a route'} ${httpPart ?? ''}`);
  const validator = Compile(schema);
  const fromText = httpPart === 'querystring' || httpPart === 'params';
  return (received: unknown) => {
    const value = fromText ? readIntegers(schema, received) : received;
    if (validator.Check(value)) return { value };
    const first = validator.Errors(value)[0];
    return { error: refusal(httpPart, first?.instancePath, first?.keyword) };
  };
};

function refusal(part: string | undefined, path: string | undefined, keyword: string | undefined): Error {
  const where = part === 'body' ? 'body' : (part ?? 'request');
  return new CausewayError('bad_request', {
    detail: `The ${where} does not match its schema (rule: ${keyword ?? 'shape'}).`,
    ...(path === undefined ? {} : { pointer: path }),
  });
}

function readIntegers(schema: TSchema, received: unknown): unknown {
  if (!Type.IsObject(schema) || typeof received !== 'object' || received === null) return received;
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(received)) {
    const type = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const integer = type !== undefined && Type.IsInteger(type) && typeof value === 'string';
    out[name] = integer && /^(0|[1-9][0-9]{0,14})$/u.test(value) ? Number(value) : value;
  }
  return out;
}

/** @throws Error at the start, for the author of the route */
function requireClosed(schema: unknown, where: string): void {
  if (typeof schema !== 'object' || schema === null) return;
  if (Array.isArray(schema)) {
    for (const item of schema) requireClosed(item, where);
    return;
  }
  const node = new Map(Object.entries(schema));
  if (
    node.has('properties') &&
    node.get('additionalProperties') === undefined &&
    !node.has('patternProperties')
  ) {
    if (node.get('unevaluatedProperties') !== false) {
      throw new Error(`The schema of ${where} lets unknown members pass: set additionalProperties: false.`);
    }
  }
  for (const [key, value] of node) {
    if (key !== 'const' && key !== 'enum' && key !== 'default') requireClosed(value, where);
  }
}
