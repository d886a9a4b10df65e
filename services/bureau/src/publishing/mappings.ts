import { CausewayError, sha256Digest } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { PublishingRefusal, parseMapping } from '@causeway/records/publishing/index';
import type { Mapping } from '@causeway/records/publishing/index';
import { sandboxFederation } from '@causeway/records/sandbox-identifier';

import type { Bureau } from '../bureau.ts';
import { findMapping, insertMapping } from './repository.ts';

/**
 * Checks and stores a mapping; its digest is over its canonical JSON. @throws CausewayError
 * `mapping_invalid`
 */
export async function storeMapping(bureau: Bureau, received: unknown): Promise<Digest> {
  const mapping = readMapping(received);
  if (mapping.bureau !== bureau.me) {
    throw new CausewayError('mapping_invalid', {
      detail: 'The mapping is for another bureau.',
      pointer: '/bureau',
    });
  }
  if (mapping.subject.scheme === 'sandbox' && bureau.fed !== sandboxFederation) {
    throw new CausewayError('mapping_invalid', {
      detail: 'Customer numbers become persons in a sandbox federation only.',
      pointer: '/subject/scheme',
    });
  }
  const body = canonicalJson(mapping);
  const digest = sha256Digest(body);
  // A crash after this leaves a mapping that no batch uses yet: nothing to repair.
  await insertMapping(bureau.db, digest, body, bureau.clock.now());
  return digest;
}

/** @throws CausewayError `not_found` */
export async function loadMapping(bureau: Bureau, digest: string): Promise<Mapping> {
  const body = await findMapping(bureau.db, digest);
  if (body === undefined)
    throw new CausewayError('not_found', { detail: 'There is no such mapping; post it first.' });
  const stored: unknown = JSON.parse(body);
  return parseMapping(stored);
}

/** A refusal of the publishing engine as an error of the exchange. */
export function asOutward({ code, message, pointer }: PublishingRefusal): CausewayError {
  return new CausewayError(code, { detail: message, ...(pointer === undefined ? {} : { pointer }) });
}

function readMapping(received: unknown): Mapping {
  try {
    return parseMapping(received);
  } catch (error) {
    throw error instanceof PublishingRefusal ? asOutward(error) : error;
  }
}
