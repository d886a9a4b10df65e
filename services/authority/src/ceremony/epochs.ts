import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@causeway/kernel';
import { decodeBase64url, encodeBase64url } from '@causeway/protocol/base64url';
import { canaryUnder } from '@causeway/protocol/blind-batch';
import { generateBlindKey } from '@causeway/protocol/blind-reference';
import type { References } from '@causeway/protocol/statements/directory';
import { readReferences } from '../directory/signing-folder.ts';
import { blindKeyOf, keyFolders, signerFiles } from '../keys.ts';
import { writePublic, writeSecret } from './key-folder.ts';

/*
 * The re-key of subject references, in three steps with as much time between them as everybody needs. A new
 * epoch is published beside the one in use: bureaus publish under both, the consumer service links both. Then
 * it becomes the current one, in which everybody derives. Then the old one goes, and its key with it.
 */

const referencesFile = `${keyFolders.signer}/${signerFiles.references}`;
/** The highest number that was ever given. */
const lastFile = `${keyFolders.evaluator}/last-epoch`;

/**
 * Makes the key of the next epoch, and publishes it with its canary. The first one is current at once.
 * @throws Error where two epochs are published already
 */
export function makeEpoch(dir: string, random: Random): References {
  const present = presentEpochs(dir);
  if ((present?.epochs.length ?? 0) > 1) throw new Error('Two epochs are published already; drop one first.');
  const epoch = nextEpoch(dir, present);
  const file = `${keyFolders.evaluator}/${blindKeyOf(epoch)}`;
  // A crash after this leaves a key that no directory names; the next run publishes it.
  if (!existsSync(join(dir, file))) writeSecret(dir, file, encodeBase64url(generateBlindKey(random)));
  const key = decodeBase64url(readFileSync(join(dir, file), 'utf8').trim());
  const epochs = [...(present?.epochs ?? []), { epoch, canary: canaryUnder(key, random) }];
  return publish(dir, { current: present?.current ?? epoch, epochs });
}

/** Has everybody derive in this epoch, which is published already. @throws Error */
export function useEpoch(dir: string, epoch: string): References {
  const { epochs } = publishedEpochs(dir, epoch);
  return publish(dir, { current: epoch, epochs });
}

/** Ends an epoch that is not the current one, and destroys its key. @throws Error */
export function dropEpoch(dir: string, epoch: string): References {
  const { current, epochs } = publishedEpochs(dir, epoch);
  if (epoch === current) throw new Error(`Epoch ${epoch} is in use; use another one first.`);
  writePublic(dir, lastFile, String(Number(nextEpoch(dir, { current, epochs })) - 1));
  const left = publish(dir, { current, epochs: epochs.filter((each) => each.epoch !== epoch) });
  rmSync(join(dir, keyFolders.evaluator, blindKeyOf(epoch)), { force: true });
  return left;
}

function publish(dir: string, references: References): References {
  writePublic(dir, referencesFile, JSON.stringify(references));
  return references;
}

function presentEpochs(dir: string): References | undefined {
  const file = join(dir, referencesFile);
  return readReferences(existsSync(file) ? readFileSync(file, 'utf8') : undefined);
}

function publishedEpochs(dir: string, epoch: string): References {
  const present = presentEpochs(dir);
  if (present?.epochs.some((each) => each.epoch === epoch)) return present;
  throw new Error(`Epoch ${epoch} is not published.`);
}

/** No number comes twice: whoever has kept a reference knows which key it is from. */
function nextEpoch(dir: string, present: References | undefined): string {
  const file = join(dir, lastFile);
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return String(1 + Math.max(last, ...(present?.epochs ?? []).map(({ epoch }) => Number(epoch))));
}
