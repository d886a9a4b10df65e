import { readFileSync } from 'node:fs';
import { decodeBase64url, encodeBase64url } from '@causeway/protocol/base64url';
import { evaluate } from '@causeway/protocol/blind-reference';
import { CausewayError } from '@causeway/protocol/errors';
import { readMessage, serveParent } from './processes/serve.ts';
import { elements, evaluatorConfiguration } from './subject-refs/evaluator.ts';

/**
 * The process that holds the OPRF key (RFC 9497), and no other does. Who may ask, and how often, was decided
 * before a batch gets here; what is asked for, nobody can know.
 */
serveParent(evaluatorConfiguration, async ({ keyFile }) => {
  const key = decodeBase64url(readFileSync(keyFile, 'utf8').trim());
  return async (ask) => {
    const blinded = readMessage(elements, ask).map(decodeElement);
    return evaluate(key, blinded).map((element) => encodeBase64url(element));
  };
});

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
