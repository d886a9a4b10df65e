import {
  formatNote,
  formatSignatures,
  formatVerifierKey,
  noteKey,
  noteLimits,
  noteSigner,
  parseNote,
  signNote,
} from '@causeway/ledger';
import { utf8 } from '@causeway/ledger/bytes';

import { ledgerJudges } from './ledger-judges.ts';
import { ledgerSigner, origin, strangeSigner, witnessKey } from './sample-keys.ts';
import { sentAsBase64, vectorsBy, type VectorFile } from './vector.ts';

const key = formatVerifierKey(ledgerSigner.key);
const foreign = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const text = 'One line.\nAnd one.\n';
const note = formatNote(signNote(text, [ledgerSigner]));
const line = formatSignatures(signNote(text, [ledgerSigner]).signatures);
const badLine = formatSignatures(signNote('Another text.\n', [ledgerSigner]).signatures);
const strangeLine = formatSignatures(signNote('Another text.\n', [strangeSigner]).signatures);

/** Verifier keys. */
export function verifierKeyFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges['verifier-keys'], { of: 'note' });
  const [, id = '', base64 = ''] = /\+(.{8})\+(.*)$/u.exec(key) ?? [];
  const witness = witnessKey('broker').key;
  const longKey = formatVerifierKey(noteKey('a'.repeat(1025 - 54), 'note', ledgerSigner.key.publicKey));
  return {
    about:
      'Verifier keys, each read as one `of` notes (type 0x01) or of cosignatures (0x04). ' +
      'The key of example.com/foo is that of C2SP signed-note.',
    common: { of: 'note' },
    vectors: [
      vector('a key for notes', 'shown', { key }),
      vector('a key for cosignatures', 'shown', { key: witness, of: 'cosignature' }),
      vector('the specification’s key', 'shown', { key: foreign }),
      vector('a key for cosignatures where one for notes is asked for', 'malformed', { key: witness }),
      vector('a key for notes where one for cosignatures is asked for', 'malformed', {
        key,
        of: 'cosignature',
      }),
      vector('nothing', 'malformed', { key: '' }),
      vector('no id', 'malformed', { key: `${origin}+${base64}` }),
      vector('another name than the id is of', 'malformed', { key: key.replace('bureau', 'broker') }),
      vector('an id in capitals', 'malformed', { key: key.replace(id, id.toUpperCase()) }),
      vector('no name', 'malformed', { key: `+${id}+${base64}` }),
      vector('a name with a space', 'malformed', { key: key.replace('bureau', 'bu reau') }),
      vector('a key of 31 bytes', 'malformed', { key: `${origin}+${id}+${base64.slice(0, -4)}` }),
      vector('base64url', 'malformed', { key: key.replace(base64, `-${base64.slice(1)}`) }),
      vector('a newline behind', 'malformed', { key: `${key}\n` }),
      vector('1,025 characters', 'malformed', { key: longKey }),
      // From note_test.go of golang.org/x/mod/sumdb/note.
      vector('an unknown type', 'malformed', {
        key: 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      }),
    ],
  };
}

/** Signed notes. */
export function noteFile(): VectorFile {
  const keys = [key];
  const vector = vectorsBy(ledgerJudges.notes, { keys });
  const other = formatVerifierKey(strangeSigner.key);
  const blank = signNote('One line.\n\nAnd one behind a blank.\n', [ledgerSigner]);
  const marked = signNote('\ufeffOne line.\n', [ledgerSigner]);
  const both = formatNote(signNote(text, [ledgerSigner, strangeSigner]));
  const unknown = formatSignatures(signNote(text, [noteSigner('x', 'note', new Uint8Array(32))]).signatures);
  return {
    about: 'How many bytes the text of a signed note has, and which of the `keys` have signed it.',
    common: { keys },
    vectors: [
      vector('a note by a known key', 'shown', { note }),
      vector('the specification’s note', 'shown', {
        keys: [foreign],
        note:
          'This is an example message.\n\n— example.com/foo ' +
          'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Z' +
          'tg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
      }),
      vector('a text with a blank line: the last one ends it', 'shown', { note: formatNote(blank) }),
      vector('a byte order mark that was signed', 'shown', { note: formatNote(marked) }),
      vector('a byte order mark that was not signed', 'signature_invalid', { note: `\ufeff${note}` }),
      vector('two keys, both known', 'shown', { note: both, keys: [key, other] }),
      vector('two keys, one known', 'shown', { note: both }),
      vector('a bad line by an unknown key', 'shown', { note: `${note}— x AAAAAAA=\n` }),
      vector('a bad line by a known name and an unknown id', 'shown', { note: `${note}${strangeLine}` }),
      vector('a bad line by an unknown name and a known id', 'shown', {
        note: `${note}${badLine.replace(origin, 'x')}`,
      }),
      vector('one key, two good lines', 'shown', { note: `${note}${line}` }),
      vector('16 lines', 'shown', {
        note: {
          pieces: [
            [note, 1],
            [unknown, 15],
          ],
        },
      }),
      vector('17 lines', 'malformed', {
        note: {
          pieces: [
            [note, 1],
            [unknown, 16],
          ],
        },
      }),
      vector('131,072 bytes', 'shown', longNote(131_072)),
      vector('131,073 bytes', 'malformed', longNote(131_073)),
      vector('no known key', 'signature_missing', { note, keys: [] }),
      vector('a known name under another id', 'signature_missing', { note, keys: [other] }),
      vector('another text', 'signature_invalid', { note: note.replace('One', 'Two') }),
      vector('a bad line by a known key', 'signature_invalid', { note: `${text}\n${badLine}` }),
      vector('a bad line behind a good one', 'signature_invalid', { note: `${note}${badLine}` }),
      vector('a bad line before a good one', 'signature_invalid', { note: `${text}\n${badLine}${line}` }),
      vector('a signature of 63 bytes', 'signature_invalid', { note: shortened(note) }),
      vector('bytes that are no UTF-8', 'malformed', {
        note: sentAsBase64(Uint8Array.of(0xff), utf8(note)),
      }),
      ...malformedNotes().map(([comment, spoilt]) => vector(comment, 'malformed', { note: spoilt })),
    ],
  };
}

function malformedNotes(): [string, string][] {
  return [
    ['nothing', ''],
    ['text alone', text],
    ['no blank line', `${text}${line}`],
    ['no signature line', `${text}\n`],
    ['no newline at the end', note.slice(0, -1)],
    ['another character for the last newline', note.replace(/\n$/u, 'A')],
    ['a line behind that is no signature', `${note}hello\n`],
    ['an empty line behind', `${note}\n`],
    ['lines that end in carriage return and newline', note.replaceAll('\n', '\r\n')],
    ['a tab in the text', note.replace('One line', 'One\tline')],
    ['a NUL in the text', note.replace('One line', 'One\0line')],
    ['a hyphen for the em dash', note.replace('—', '-')],
    ['two spaces behind the dash', note.replace('— ', '—  ')],
    ['a space at the end of the line', note.replace(/\n$/u, ' \n')],
    ['a key name with a plus', note.replace('— bureau', '— bu+reau')],
    ['a key name with a no-break space', note.replace('— bureau', '— bu\u00a0reau')],
    ['a key name with a next-line control', note.replace('— bureau', '— bu\u0085reau')],
    ['no key name', note.replace(`— ${origin} `, '— ')],
    ['no padding', note.replace(/=+\n$/u, '\n')],
    ['no signature behind the key id', `${text}\n— ${origin} AAAAAA==\n`],
  ];
}

/** A note of so many bytes, by a text that is one letter again and again. */
function longNote(bytes: number): { note: { pieces: [string, number][] } } {
  const frame = utf8(`\n\n${line}`).length;
  const letters = Math.min(bytes, noteLimits.bytesMax) - frame;
  const { signatures } = signNote(`${'a'.repeat(letters)}\n`, [ledgerSigner]);
  const end = `\n\n${formatSignatures(signatures)}`;
  return {
    note: {
      pieces: [
        ['a', bytes - frame],
        [end, 1],
      ],
    },
  };
}

/** A note whose last signature has lost its last byte. */
function shortened(signed: string): string {
  const { text: said, signatures } = parseNote(signed);
  return formatNote({
    text: said,
    signatures: signatures.map((each) => ({ ...each, bytes: each.bytes.slice(0, -1) })),
  });
}
