import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@causeway/protocol/digest';
import type { RootFile } from '@causeway/protocol/root';
import { type TrustedRoot, followRoots } from '@causeway/protocol/root-chain';
import { parseStrictJson } from '@causeway/protocol/strict-json';
import type { Log } from '@causeway/service/log';
import { rootFileOf } from '../keys.ts';

/** The federation's root files as they lie in the keys directory; a new version is there once it is whole. */
export interface RootFiles {
  /** The newest version. */
  newest(): TrustedRoot;
  /** Text of the newest, as its fingerprint was computed over. */
  text(): string;
}

/**
 * Reads the root files, and looks for the next one whenever it is asked. One that does not follow the one
 * before it is never served: it raises an alarm, and all stays as it was.
 * @throws CausewayError with the code of the chain's fault, where what is there at first is no chain
 */
export function openRootFiles({ dir, anchor, log }: { dir: string; anchor: Digest; log: Log }): RootFiles {
  let newest = followAll(readRootFiles(dir), anchor);
  let refused = 0;
  const look = (): TrustedRoot => {
    const next = newest.version + 1;
    if (next === refused || !existsSync(join(dir, rootFileOf(next)))) return newest;
    try {
      newest = followAll(readRootFiles(dir), anchor);
      log.info({ event: 'root', version: newest.version });
    } catch (err) {
      refused = next;
      log.error({ event: 'root_refused', alarm: true, version: next, err });
    }
    return newest;
  };
  return { newest: look, text: () => JSON.stringify(look().file) };
}

/** Version 1 and every later one that is there without a gap. */
export function readRootFiles(dir: string): RootFile[] {
  const files: RootFile[] = [];
  for (let version = 1; version === 1 || existsSync(join(dir, rootFileOf(version))); version += 1) {
    files.push(parseStrictJson(readFileSync(join(dir, rootFileOf(version)), 'utf8')) as RootFile);
  }
  return files;
}

function followAll(files: readonly RootFile[], anchor: Digest): TrustedRoot {
  const newest = followRoots(files, anchor).at(-1);
  if (!newest) throw new RangeError('there is always a first root file');
  return newest;
}
