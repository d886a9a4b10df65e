// A second verifier for the ledgers, written from docs/protocol: one file, and nothing of packages/ in it.
//   node verifier.mjs proof.txt trust.json [sha-256:…]
// exits 0 where the statement is proven, 6 where it is not, 1 where it was not asked rightly.
// Where RFC 9162 has an algorithm of its own (2.1.3.2, 2.1.4.2), this follows it and not the page's walk, so
// that two ways of counting have to agree.
import { isUtf8 } from 'node:buffer';
import { createPublicKey, hash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * @typedef {'malformed' | 'origin_unexpected' | 'signature_missing' | 'signature_invalid' | 'proof_invalid'
 *   | 'quorum_missing'} Code
 * @typedef {{ origin: string, ledger_keys: string[] }} Ledger  keys are verifier keys
 * @typedef {{ member: string, key: string }} Witness
 * @typedef {{ operator: string, authority: string }} Quorum
 * @typedef {Ledger & Quorum & { witnesses: Witness[], digest?: string }} Trust
 * @typedef {{ name: string, id: string, publicKey: Buffer }} Key
 * @typedef {{ text: string, signatures: { name: string, id: string, bytes: Buffer }[] }} Note
 * @typedef {{ origin: string, size: number, root: Buffer, extensions: string[] }} Checkpoint
 * @typedef {{ member: string, time_s: number }} Cosigner
 * @typedef {{ index: number, size: number, entry: Uint8Array, root: Uint8Array,
 *   proof: Uint8Array[] }} Inclusion
 * @typedef {{ old_size: number, old_root: Uint8Array, new_size: number, new_root: Uint8Array,
 *   proof: Uint8Array[] }} Consistency
 */

const NOTE_BYTES_MAX = 131_072;
const PROOF_BYTES_MAX = 147_456;
const TILE_WIDTH = 256;
const NOTE = 1;
const COSIGNATURE = 4;

/** @type {Record<Code, string>} */
const MEANING = {
  malformed: 'something is not in its one spelling, or is too large',
  origin_unexpected: 'the checkpoint is another ledger’s',
  signature_missing: 'the ledger has not signed the checkpoint',
  signature_invalid: 'a signature by a known key does not verify',
  proof_invalid: 'the hashes do not lead to the root',
  quorum_missing: 'too few witnesses have seen the checkpoint',
};

/** What was sent proves nothing, and why. */
export class Refusal extends Error {
  /** @param {Code} code */
  constructor(code) {
    super(MEANING[code]);
    this.code = code;
  }
}

/** @type {(condition: unknown, code?: Code) => asserts condition} */
const must = (condition, code = 'malformed') => {
  if (!condition) throw new Refusal(code);
};
/** @type {(condition: unknown) => asserts condition} */
const proves = (condition) => must(condition, 'proof_invalid');
/** @type {(condition: unknown) => asserts condition} */
const sound = (condition) => must(condition, 'signature_invalid');

// Text, numbers, bytes.

/** @type {(bytes: Uint8Array, bytesMax: number) => string} */
function textOf(bytes, bytesMax) {
  must(bytes.length <= bytesMax && isUtf8(bytes));
  return Buffer.from(bytes).toString();
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** @type {(text: string) => Buffer} */
export function bytesOf(text) {
  must(BASE64.test(text));
  return Buffer.from(text, 'base64');
}

/** @type {(text: string) => Buffer} */
export function hashOf(text) {
  must(/^[^=]{43}=$/.test(text));
  return bytesOf(text);
}

/** @type {(text: string) => number} */
function numberOf(text) {
  must(/^(?:0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)));
  return Number(text);
}

/** The lines before the first blank one, and all behind it. @type {(text: string) => [string[], Buffer]} */
function splitAtBlank(text) {
  const at = text.indexOf('\n\n');
  must(at >= 0);
  return [text.slice(0, at).split('\n'), Buffer.from(text.slice(at + 2))];
}

/** @type {(lines: string[]) => Buffer[]} */
function hashesOf(lines) {
  must(lines.length <= 63);
  return lines.map(hashOf);
}

// Trees.

/** @type {(...parts: Uint8Array[]) => Buffer} */
const sha256 = (...parts) => hash('sha256', Buffer.concat(parts), 'buffer');
/** @type {(entry: Uint8Array) => Buffer} */
export const leafHash = (entry) => sha256(Buffer.of(0), entry);
/** @type {(left: Uint8Array, right: Uint8Array) => Buffer} */
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
/** @type {(a: Uint8Array, b: Uint8Array) => boolean} */
const same = (a, b) => Buffer.compare(a, b) === 0;

/** The 32 bytes that stand in the ledger for a statement's digest. @type {(digest: string) => Buffer} */
export function entryOf(digest) {
  must(/^sha-256:[\w-]{43}$/.test(digest));
  return hashOf(`${digest.slice(8).replaceAll('-', '+').replaceAll('_', '/')}=`);
}

/** The root over leaf hashes (RFC 6962 section 2.1). @type {(leaves: readonly Uint8Array[]) => Uint8Array} */
export function rootOf(leaves) {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** @type {(value: number) => boolean} */
const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;
/**
 * For each sibling whether it is joined on the left, by the two numbers that RFC 9162 calls fn and sn.
 * @type {(node: bigint, last: bigint, siblings: Uint8Array[]) => [Uint8Array, boolean][]}
 */
function sided(node, last, siblings) {
  let [fn, sn] = [node, last];
  const sides = siblings.map((sibling) => {
    proves(sn > 0n);
    const left = fn % 2n === 1n || fn === sn;
    while (left && fn % 2n === 0n && fn > 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    [fn, sn] = [fn >> 1n, sn >> 1n];
    return /** @type {[Uint8Array, boolean]} */ ([sibling, left]);
  });
  proves(sn === 0n);
  return sides;
}

/** RFC 9162 section 2.1.3.2. @type {(claim: Inclusion) => void} */
export function verifyInclusion({ index, size, entry, root, proof }) {
  proves(isNumber(index) && isNumber(size) && index < size);
  let reached = leafHash(entry);
  for (const [sibling, left] of sided(BigInt(index), BigInt(size) - 1n, proof)) {
    reached = left ? nodeHash(sibling, reached) : nodeHash(reached, sibling);
  }
  proves(same(reached, root));
}

/**
 * RFC 9162 section 2.1.4.2, with the trees of size 0 and of equal size as docs/protocol decides them.
 * @type {(claim: Consistency) => void}
 */
export function verifyConsistency({ old_size, old_root, new_size, new_root, proof }) {
  proves(isNumber(old_size) && isNumber(new_size) && old_size <= new_size);
  proves(old_size > 0 || same(old_root, rootOf([])));
  proves(old_size < new_size || same(old_root, new_root));
  if (old_size === 0 || old_size === new_size) return proves(proof.length === 0);
  let [fn, sn] = [BigInt(old_size) - 1n, BigInt(new_size) - 1n];
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  // Where the old tree is perfect, its root is not repeated in the proof.
  const [first, ...siblings] = fn === 0n ? [old_root, ...proof] : proof;
  proves(first);
  let [before, after] = [first, first];
  for (const [sibling, left] of sided(fn, sn, siblings)) {
    if (left) before = nodeHash(sibling, before);
    after = left ? nodeHash(sibling, after) : nodeHash(after, sibling);
  }
  proves(same(before, old_root) && same(after, new_root));
}

// Tiles.

const TILE_PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*)([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** @type {(path: string) => { level: number | 'entries', index: number, width: number }} */
export function readTilePath(path) {
  const [, level = '', upper = '', last = '', width] = TILE_PATH.exec(path) ?? [];
  const index = Number(`${upper.replaceAll(/[x/]/g, '')}${last}`);
  must(last !== '' && !upper.startsWith('x000') && Number.isSafeInteger(index));
  must((width === undefined || Number(width) < TILE_WIDTH) && (level === 'entries' || Number(level) <= 63));
  return { level: level === 'entries' ? level : Number(level), index, width: Number(width ?? TILE_WIDTH) };
}

/** Where a node is, among `size` leaves. @type {(level: number, index: number, size: number) => string} */
export function tilePathOf(level, index, size) {
  const tileLevel = Math.floor(level / 8);
  const at = Math.floor((index * 2 ** (level % 8)) / TILE_WIDTH);
  const width = Math.floor(size / TILE_WIDTH ** tileLevel) - at * TILE_WIDTH;
  const digits = String(at);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').replaceAll(/...(?=.)/g, 'x$&/');
  return `tile/${tileLevel}/${groups}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** @type {(path: string, bytes: Uint8Array, level: number, index: number) => Uint8Array} */
export function nodeInTile(path, bytes, level, index) {
  const tile = readTilePath(path);
  const span = 2 ** (level % 8);
  const first = index * span - tile.index * TILE_WIDTH;
  must(tile.level === Math.floor(level / 8) && bytes.length === 32 * tile.width);
  must(first >= 0 && first + span <= tile.width);
  return rootOf(Array.from({ length: span }, (_, at) => bytes.subarray(32 * (first + at)).subarray(0, 32)));
}

/** The entries of a bundle. @type {(path: string, bytes: Uint8Array) => Uint8Array[]} */
export function readBundle(path, bytes) {
  const { level, width } = readTilePath(path);
  must(level === 'entries' && bytes.length === 34 * width);
  const framed = Array.from({ length: width }, (_, at) => bytes.subarray(34 * at).subarray(0, 34));
  must(framed.every(([high, low]) => high === 0 && low === 32));
  return framed.map((entry) => entry.subarray(2));
}

// Keys, notes, checkpoints.

const KEY_NAME = /^[^\p{White_Space}\p{Cc}+]+$/u;

/** @type {(text: string, wanted: number) => Key} */
export function readVerifierKey(text, wanted) {
  const [, name = '', id, base64 = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text) ?? [];
  const typed = bytesOf(base64);
  must(text.length <= 1024 && KEY_NAME.test(name) && typed.length === 33 && typed[0] === wanted);
  must(sha256(Buffer.from(`${name}\n`), typed).toString('hex', 0, 4) === id);
  return { name, id, publicKey: typed.subarray(1) };
}

const FIELD = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const OF_EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER = [0n, 1n, FIELD - 1n, OF_EIGHT, FIELD - OF_EIGHT];

/** @type {(bytes: Uint8Array) => bigint} */
const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/** @type {(publicKey: Buffer, message: Uint8Array, signature: Buffer) => boolean} */
export function isSignature(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const ys = [publicKey, r].map((point) => littleEndian(point) % 2n ** 255n);
  if (ys.some((y) => y >= FIELD || SMALL_ORDER.includes(y)) || littleEndian(s) >= ORDER) return false;
  const key = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') };
  // OpenSSL compares R byte by byte, without the cofactor; of small orders some versions know nothing.
  return verify(null, message, createPublicKey({ key, format: 'jwk' }), signature);
}

/** @type {(bytes: Uint8Array) => Note} */
export function readNote(bytes) {
  const whole = textOf(bytes, NOTE_BYTES_MAX);
  const blank = whole.lastIndexOf('\n\n');
  const text = whole.slice(0, blank + 1);
  const lines = whole.slice(blank + 2, -1).split('\n');
  must(blank >= 0 && whole.endsWith('\n') && lines.length <= 16 && !/[\0-\x09\x0b-\x1f]/.test(text));
  const signatures = lines.map((line) => {
    const [dash, name = '', base64 = '', ...more] = line.split(' ');
    const signed = bytesOf(base64);
    must(dash === '\u2014' && KEY_NAME.test(name) && signed.length > 4 && more.length === 0);
    return { name, id: signed.toString('hex', 0, 4), bytes: signed.subarray(4) };
  });
  return { text, signatures };
}

/** @type {(note: Note, key: Key) => Buffer[]} */
const linesBy = ({ signatures }, key) =>
  signatures.filter(({ name, id }) => name === key.name && id === key.id).map(({ bytes }) => bytes);

/** Those of the keys that have signed. @type {(note: Note, keys: readonly string[]) => string[]} */
export function verifyNote(note, keys) {
  const signed = keys.filter((text) => {
    const key = readVerifierKey(text, NOTE);
    const lines = linesBy(note, key);
    for (const line of lines) sound(isSignature(key.publicKey, Buffer.from(note.text), line));
    return lines.length > 0;
  });
  must(signed.length > 0, 'signature_missing');
  return signed;
}

/** @type {(note: Note) => Checkpoint} */
function readCheckpoint({ text }) {
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', size = '', root = '', ...extensions] = lines;
  must(!lines.includes(''));
  return { origin, size: numberOf(size), root: hashOf(root), extensions };
}

/** @type {(bytes: Uint8Array, ledger: Ledger) => Checkpoint & { note: Note }} */
export function openCheckpoint(bytes, { origin, ledger_keys }) {
  const note = readNote(bytes);
  const checkpoint = readCheckpoint(note);
  must(checkpoint.origin === origin, 'origin_unexpected');
  verifyNote(note, ledger_keys);
  return { ...checkpoint, note };
}

/**
 * That a ledger's newer checkpoint begins with all that its older one held.
 * @type {(older: Uint8Array, newer: Uint8Array, proof: Uint8Array[], ledger: Ledger) => void}
 */
export function verifyGrowth(older, newer, proof, ledger) {
  const [before, after] = [openCheckpoint(older, ledger), openCheckpoint(newer, ledger)];
  const sizes = { old_size: before.size, new_size: after.size };
  verifyConsistency({ ...sizes, old_root: before.root, new_root: after.root, proof });
}

// Witnesses, proof files, requests.

/** The time of one cosignature, in seconds. @type {(text: string, key: Key, line: Buffer) => number} */
function timeOf(text, key, line) {
  const time = line.length > 8 ? line.readBigUInt64BE() : 0n;
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
  sound(time > 0n && time < 2n ** 53n && isSignature(key.publicKey, message, line.subarray(8)));
  return Number(time);
}

/** @type {(note: Note, witnesses: readonly Witness[]) => Cosigner[]} */
export function cosigners(note, witnesses) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { member, key: text } of witnesses) {
    const key = readVerifierKey(text, COSIGNATURE);
    for (const line of linesBy(note, key)) {
      const time_s = timeOf(note.text, key, line);
      times.set(member, Math.min(time_s, times.get(member) ?? time_s));
    }
  }
  return Array.from(times, ([member, time_s]) => ({ member, time_s }));
}

/** @type {(members: readonly string[], rule: Quorum) => void} */
export function judgeQuorum(members, { operator, authority }) {
  const counted = new Set(members.filter((member) => member !== operator));
  const others = [...counted].filter((member) => member !== authority);
  must(counted.size >= 2 && others.length >= 1, 'quorum_missing');
}

/** @type {(bytes: Uint8Array) => { index: number, hashes: Buffer[], checkpoint: Buffer }} */
function readProof(bytes) {
  const [lines, checkpoint] = splitAtBlank(textOf(bytes, PROOF_BYTES_MAX));
  must(lines.shift() === 'c2sp.org/tlog-proof@v1');
  if (lines[0]?.startsWith('extra ')) bytesOf((lines.shift() ?? '').slice(6));
  const index = lines.shift() ?? '';
  must(index.startsWith('index '));
  return { index: numberOf(index.slice(6)), hashes: hashesOf(lines), checkpoint };
}

/** @param {Uint8Array} bytes @param {Uint8Array} entry @param {Trust} trust */
export function verifyProof(bytes, entry, trust) {
  const { index, hashes, checkpoint } = readProof(bytes);
  const { size, root, note } = openCheckpoint(checkpoint, trust);
  const cosigned_by = cosigners(note, trust.witnesses);
  const members = cosigned_by.map(({ member }) => member);
  judgeQuorum(members, trust);
  verifyInclusion({ index, size, entry, root, proof: hashes });
  return { index, size, root, cosigned_by };
}

/** @type {(bytes: Uint8Array) => { old_size: number, hashes: Buffer[], checkpoint: Checkpoint }} */
export function readRequest(bytes) {
  const [[old = '', ...lines], rest] = splitAtBlank(textOf(bytes, PROOF_BYTES_MAX));
  must(old.startsWith('old '));
  const [old_size, hashes] = [numberOf(old.slice(4)), hashesOf(lines)];
  const checkpoint = readCheckpoint(readNote(rest));
  must(old_size <= checkpoint.size);
  return { old_size, hashes, checkpoint };
}

// The command.

/** Three sentences, and what to exit with. @type {(args: string[]) => [string, number]} */
function judged([proofFile = '', trustFile = '', asked]) {
  const trust = /** @type {Trust} */ (JSON.parse(readFileSync(trustFile, 'utf8')));
  const digest = asked ?? trust.digest ?? '';
  try {
    const { index, size, cosigned_by } = verifyProof(readFileSync(proofFile), entryOf(digest), trust);
    const seen = cosigned_by.map(({ member, time_s }) => `${member} (at ${time_s})`).join(' and ');
    const shown = `${digest} is leaf ${index} of the ledger ${trust.origin}.`;
    const signed = `The ledger has signed for the tree of ${size} leaves that holds it.`;
    return [`${shown}\n${signed}\nThat tree was seen by ${seen}, in seconds since 1970.`, 0];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const missed = `It is not shown that ${digest} is in the ledger ${trust.origin}.`;
    return [`${missed}\nThe reason is ${error.code}: ${error.message}.\nDo not rely on this proof.`, 6];
  }
}

if (process.argv[1]?.endsWith('verifier.mjs')) {
  const [text, code] = judged(process.argv.slice(2));
  process.stdout.write(`${text}\n`);
  process.exitCode = code;
}
