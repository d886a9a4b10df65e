import { cosign, formatNote, formatSignatures, formatVerifierKey } from '@causeway/ledger';
import { concat, encodeBase64, utf8 } from '@causeway/ledger/bytes';

import { ledgerJudges } from './ledger-judges.ts';
import {
  checkpointText,
  ledger,
  origin,
  quorum,
  signedCheckpoint,
  strangeSigner,
  witnesses,
  witnessKey,
  witnessSigner,
} from './sample-keys.ts';
import { numberedConsistency } from './sample-tree.ts';
import { vectorsBy, type VectorFile } from './vector.ts';

const size = 77;
const text = checkpointText(size);
const good = signedCheckpoint(text);
const zeros = encodeBase64(new Uint8Array(32));

/** Signed checkpoints. */
export function checkpointFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.checkpoints, ledger);
  const [, , root = ''] = text.split('\n');
  const signed = (said: string): { checkpoint: string } => ({ checkpoint: signedCheckpoint(said) });
  const malformed: [string, string][] = [
    ['no root', `${origin}\n${size}\n`],
    ['an empty origin', text.replace(origin, '')],
    ['an empty line behind the root', `${text}\n`],
    ['an empty line among further lines', `${text}\nmore\n`],
    ['a size with a leading zero', text.replace(`${size}`, `0${size}`)],
    ['a size with a sign', text.replace(`${size}`, `+${size}`)],
    ['a size in hexadecimal', text.replace(`${size}`, '0x4d')],
    ['a size of 2^53', text.replace(`${size}`, '9007199254740992')],
    ['a space behind the size', text.replace(`${size}\n`, `${size} \n`)],
    ['a root of 31 bytes', text.replace(root, encodeBase64(new Uint8Array(31)))],
    ['a root with a spare bit set', text.replace(root, `${zeros.slice(0, -2)}B=`)],
    ['a root in base64url', text.replace(root, `_${root.slice(1)}`)],
    ['a root without padding', text.replace('=\n', '\n')],
  ];
  return {
    about: 'Checkpoints that the ledger of `origin` and `ledger_keys` has signed. All are notes.',
    common: ledger,
    vectors: [
      vector('a checkpoint', 'shown', signed(text)),
      vector('size 0', 'shown', signed(checkpointText(0))),
      vector('size 2^53 - 1', 'shown', signed(text.replace(`${size}`, '9007199254740991'))),
      vector('further lines are kept', 'shown', signed(checkpointText(size, ['more', 'and more']))),
      vector('cosignatures are lines by others', 'shown', {
        checkpoint: signedCheckpoint(text, ['broker', 'consumer']),
      }),
      vector('another origin', 'origin_unexpected', { ...signed(text), origin: 'broker.example/ledger' }),
      vector('an origin that differs in case', 'origin_unexpected', {
        ...signed(text),
        origin: origin.toUpperCase(),
      }),
      vector('another ledger’s key', 'signature_missing', {
        ...signed(text),
        ledger_keys: [formatVerifierKey(strangeSigner.key)],
      }),
      vector('cosigned and not signed', 'signature_missing', {
        checkpoint: formatNote({ text, signatures: [cosign(text, witnessSigner('broker'), 1)] }),
      }),
      vector('another size than was signed', 'signature_invalid', {
        checkpoint: good.replace(`\n${size}\n`, `\n${size + 1}\n`),
      }),
      vector('a further line that was not signed', 'signature_invalid', {
        checkpoint: good.replace('\n\n', '\nmore\n\n'),
      }),
      ...malformed.map(([comment, said]) => vector(comment, 'malformed', signed(said))),
    ],
  };
}

/** Two checkpoints of one ledger. */
export function growthFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.growth, ledger);
  const at = (leaves: number): string => signedCheckpoint(checkpointText(leaves));
  const proof = numberedConsistency(6, 9);
  const grown = { older: at(6), newer: at(9), proof };
  const lie = signedCheckpoint(checkpointText(9).replace(/.*=\n$/u, `${zeros}\n`));
  return {
    about: 'That a ledger’s newer checkpoint begins with all that its older one held.',
    common: ledger,
    vectors: [
      vector('a ledger that has grown', 'shown', grown),
      vector('the same checkpoint twice', 'shown', { older: at(6), newer: at(6), proof: [] }),
      vector('from the empty tree', 'shown', { older: at(0), newer: at(6), proof: [] }),
      vector('a ledger that was rolled back', 'proof_invalid', { older: at(9), newer: at(6), proof }),
      vector('two views of one size', 'proof_invalid', { older: at(9), newer: lie, proof: [] }),
      vector('a history that was rewritten', 'proof_invalid', { ...grown, newer: lie }),
      vector('the proof of other sizes', 'proof_invalid', { ...grown, proof: numberedConsistency(7, 9) }),
      vector('one of them another ledger’s', 'origin_unexpected', {
        ...grown,
        newer: signedCheckpoint(checkpointText(9).replace('bureau', 'broker')),
      }),
      vector('one of them not signed by the ledger', 'signature_missing', {
        ...grown,
        older: signedCheckpoint(checkpointText(6), [], [strangeSigner]),
      }),
    ],
  };
}

/** Cosignatures, of which none is judged by a quorum here. */
export function cosignatureFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.cosignatures, { witnesses });
  const by = (...lines: string[]): { checkpoint: string } => ({ checkpoint: `${good}${lines.join('')}` });
  const at = (time_s: number): string => formatSignatures([cosign(text, witnessSigner('broker'), time_s)]);
  const moved = cosign(text, witnessSigner('broker'), 1000);
  const other = formatSignatures([cosign(checkpointText(78), witnessSigner('broker'), 1000)]);
  return {
    about: 'Which members have cosigned a checkpoint, and when at the earliest, in the order of `witnesses`.',
    common: { witnesses },
    vectors: [
      vector('by nobody', 'shown', by()),
      vector('by two', 'shown', { checkpoint: signedCheckpoint(text, ['consumer', 'broker']) }),
      vector('by all, the operator too', 'shown', {
        checkpoint: signedCheckpoint(text, ['authority', 'broker', 'consumer', 'bureau']),
      }),
      vector('by an unknown witness', 'shown', { checkpoint: signedCheckpoint(text, ['stranger']) }),
      vector('by one twice: the earlier counts', 'shown', by(at(2000), at(1000))),
      vector('at the first second', 'shown', by(at(1))),
      vector('at the last second', 'shown', by(at(2 ** 53 - 1))),
      vector('by one member with two keys', 'shown', {
        checkpoint: signedCheckpoint(text, ['broker', 'consumer']),
        witnesses: [witnessKey('broker'), { ...witnessKey('consumer'), member: 'broker' }],
      }),
      vector('on a checkpoint with further lines, which it covers', 'shown', {
        checkpoint: signedCheckpoint(checkpointText(size, ['more']), ['broker']),
      }),
      vector('at second 0', 'signature_invalid', by(cosignedAt(0n))),
      vector('at second 2^53', 'signature_invalid', by(cosignedAt(2n ** 53n))),
      vector('of another checkpoint', 'signature_invalid', by(other)),
      vector('a bad one behind a good one', 'signature_invalid', by(at(1000), other)),
      vector(
        'with another time than was signed',
        'signature_invalid',
        by(formatSignatures([{ ...moved, bytes: concat(Uint8Array.of(1), moved.bytes.slice(1)) }])),
      ),
      vector(
        'of 8 bytes',
        'signature_invalid',
        by(formatSignatures([{ ...moved, bytes: moved.bytes.slice(0, 8) }])),
      ),
      vector(
        'without a time',
        'signature_invalid',
        by(formatSignatures([{ ...moved, bytes: moved.bytes.slice(8) }])),
      ),
      vector(
        'over the text alone',
        'signature_invalid',
        by(
          formatSignatures([
            { ...moved, bytes: concat(moved.bytes.slice(0, 8), witnessSigner('broker').sign(utf8(text))) },
          ]),
        ),
      ),
    ],
  };
}

/** Who has cosigned, and whether that is enough. */
export function quorumFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.quorum, quorum);
  return {
    about: 'Whether a checkpoint counts that these `members` have cosigned.',
    common: quorum,
    vectors: [
      vector('two members', 'shown', { members: ['broker', 'consumer'] }),
      vector('a member and the authority', 'shown', { members: ['broker', 'authority'] }),
      vector('two members beside the operator', 'shown', { members: ['bureau', 'broker', 'consumer'] }),
      vector('two members, the ledger being the authority’s', 'shown', {
        members: ['broker', 'consumer'],
        operator: 'authority',
      }),
      vector('nobody', 'quorum_missing', { members: [] }),
      vector('one member', 'quorum_missing', { members: ['broker'] }),
      vector('one member twice', 'quorum_missing', { members: ['broker', 'broker'] }),
      vector('the authority alone', 'quorum_missing', { members: ['authority'] }),
      vector('the operator alone', 'quorum_missing', { members: ['bureau'] }),
      vector('the operator and a member', 'quorum_missing', { members: ['bureau', 'broker'] }),
      vector('the operator and the authority', 'quorum_missing', { members: ['bureau', 'authority'] }),
      vector('a member and the authority, whose ledger it is', 'quorum_missing', {
        members: ['broker', 'authority'],
        operator: 'authority',
      }),
    ],
  };
}

/** A cosignature by the broker at a time that no witness writes. */
function cosignedAt(time_s: bigint): string {
  const signer = witnessSigner('broker');
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, time_s);
  const bytes = concat(time, signer.sign(utf8(`cosignature/v1\ntime ${time_s}\n${text}`)));
  return formatSignatures([{ name: signer.key.name, id: signer.key.id, bytes }]);
}
