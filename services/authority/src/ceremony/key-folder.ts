import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PublicJwk } from '@causeway/protocol/keys';

export function publicPart({ kty, crv, x }: PublicJwk): PublicJwk {
  return { kty, crv, x };
}

/** A file that its owner alone can read. */
export function writeSecret(dir: string, name: string, text: string): void {
  write(dir, name, text, 0o600);
}

export function writePublic(dir: string, name: string, text: string): void {
  write(dir, name, text, 0o644);
}

/** Under its name it is whole or not there at all: running processes look for these files. */
function write(dir: string, name: string, text: string, mode: number): void {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.tmp`, text, { mode });
  renameSync(`${path}.tmp`, path);
}
