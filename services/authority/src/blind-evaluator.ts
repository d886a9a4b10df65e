import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64url, encodeBase64url } from '@causeway/protocol/base64url';
import { evaluate } from '@causeway/protocol/blind-reference';
import { CausewayError } from '@causeway/protocol/errors';
import { blindKeyOf } from './keys.ts';
import { readMessage, serveParent } from './processes/serve.ts';
import { evaluation, evaluatorConfiguration } from './subject-refs/evaluator.ts';

/**
 * The process that holds the OPRF keys (RFC 9497), one per epoch, and no other does. Who may ask, and how
 * often, was decided before a batch gets here; what is asked for, nobody can know. The key of a new epoch is
 * read when it is first asked for.
 */
serveParent(evaluatorConfiguration, async ({ dir }) => {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (epoch: string): Uint8Array => {
    const key = keys.get(epoch) ?? readKey(dir, epoch);
    keys.set(epoch, key);
    return key;
  };
  return async (ask) => {
    const { epoch, blinded } = readMessage(evaluation, ask);
    return evaluate(keyOf(epoch), blinded.map(decodeElement)).map((element) => encodeBase64url(element));
  };
});

function readKey(dir: string, epoch: string): Uint8Array {
  try {
    return decodeBase64url(readFileSync(join(dir, blindKeyOf(epoch)), 'utf8').trim());
  } catch (cause) {
    throw new CausewayError('bad_request', { detail: 'There is no such epoch.', pointer: '/epoch', cause });
  }
}

function decodeElement(text: string, at: number): Uint8Array {
  try {
    return decodeBase64url(text);
  } catch (cause) {
    throw new CausewayError('bad_request', {
      detail: 'An element is strict base64url.',
      pointer: `/blinded/${at}`,
      cause,
    });
  }
}
