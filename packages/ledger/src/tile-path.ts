import { assert } from '@causeway/kernel';

import { LedgerError } from './ledger-error.ts';
import { tileWidth, type Tile } from './tile.ts';

const pathExpression = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/u;

/** Where a tile is served below a ledger's prefix, as in `tile/0/x001/x234/067.p/8` (C2SP tlog-tiles). */
export function tilePath({ level, index, width }: Tile): string {
  assert(Number.isSafeInteger(index) && index >= 0, 'a tile index is a safe integer');
  assert(width > 0 && width <= tileWidth, 'a tile has 1 to 256 hashes');
  const groups = (index.toString().match(/\d{1,3}(?=(\d{3})*$)/gu) ?? []).map((group) =>
    group.padStart(3, '0'),
  );
  const last = groups.pop() ?? '';
  const partial = width === tileWidth ? '' : `.p/${width}`;
  return `tile/${level}/${groups.map((group) => `x${group}/`).join('')}${last}${partial}`;
}

/** The tile that a path names. Throws `malformed` for all but the one spelling of `tilePath`. */
export function parseTilePath(path: string): Tile {
  const [, level = '', groups = '', partial] = pathExpression.exec(path) ?? [];
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/gu, '')),
    width: partial === undefined ? tileWidth : Number(partial),
  };
  if (!isTile(tile) || tilePath(tile) !== path) {
    throw new LedgerError(
      'malformed',
      'A tile path is tile/<level>/<index>[.p/<width>] in its one spelling.',
    );
  }
  return tile;
}

function isTile({ level, index, width }: Tile): boolean {
  const soundLevel = level === 'entries' || level <= 63;
  // A partial tile has at most 255 hashes; that 256 is written without a width is the round trip's to check.
  return soundLevel && Number.isSafeInteger(index) && width >= 1 && width <= tileWidth;
}
