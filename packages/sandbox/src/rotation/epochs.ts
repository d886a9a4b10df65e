import { setTimeout as wait } from 'node:timers/promises';
import { readUnverified } from '@causeway/protocol';
import type { References } from '@causeway/protocol/statements/directory';
import { json, send } from '@causeway/sdk';
import { authorityCeremony } from '../ceremony.ts';
import type { Federation } from '../federation.ts';

const LOOK_MS = 200;
const PATIENCE_MS = 30_000;

/** One step of a re-key of subject references; the directory says so when this returns. */
export async function rekey(
  federation: Federation,
  step: 'new-epoch' | 'use-epoch' | 'drop-epoch',
  epoch?: string,
): Promise<References> {
  const options = epoch === undefined ? [] : ['--epoch', epoch];
  const published = (await authorityCeremony(federation.ceremony.authorityDir, step, options)) as References;
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (JSON.stringify(await inDirectory(federation)) !== JSON.stringify(published)) {
    if (performance.now() > giveUpAt) throw new Error('the directory does not follow the ceremony');
    await wait(LOOK_MS);
  }
  return published;
}

async function inDirectory(federation: Federation): Promise<unknown> {
  const answer = json(await send({ method: 'GET', url: `${federation.url('authority')}/directory` }));
  return Reflect.get(Object(readUnverified(String(answer['head'])).claims), 'references');
}
