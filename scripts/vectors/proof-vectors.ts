import {
  consistencyProof,
  formatProof,
  formatWitnessRequest,
  inclusionProof,
  proofLimits,
} from '@causeway/ledger';
import { encodeBase64, utf8 } from '@causeway/ledger/bytes';

import { ledgerJudges } from './ledger-judges.ts';
import {
  checkpointText,
  ledger,
  quorum,
  signedCheckpoint,
  strangeSigner,
  witnesses,
  witnessKey,
  type Member,
} from './sample-keys.ts';
import { numberedDigest, numberedNode } from './sample-tree.ts';
import { sentAsBase64, vectorsBy, type VectorFile } from './vector.ts';

const size = 7;
const index = 4;
const zeros = encodeBase64(new Uint8Array(32));
const text = checkpointText(size);
const witnessed = signedCheckpoint(text, ['broker', 'consumer']);
const hashes = inclusionProof(index, size, numberedNode);
const proofWith = (checkpoint: string): string => formatProof({ extra: null, index, hashes, checkpoint });
const good = proofWith(witnessed);
const seenBy = (...members: Member[]): { proof: string } => ({
  proof: proofWith(signedCheckpoint(text, members)),
});

const extra = formatProof({ extra: utf8('whatever'), index, hashes, checkpoint: witnessed });
const proofOf = (leaf: number): string =>
  formatProof({
    extra: null,
    index: leaf,
    hashes: inclusionProof(leaf, size, numberedNode),
    checkpoint: witnessed,
  });
const only = formatProof({
  extra: null,
  index: 0,
  hashes: [],
  checkpoint: signedCheckpoint(checkpointText(1), ['broker', 'authority']),
});

/** Proof files. */
export function proofFile(): VectorFile {
  const common = { digest: numberedDigest(index), ...ledger, witnesses, ...quorum };
  const vector = vectorsBy(ledgerJudges.proofs, common);
  const [first = ''] = hashes.map(encodeBase64);
  return {
    about: 'Proof files, judged by the trust that stands beside them. Entries as in roots.json.',
    common,
    vectors: [
      vector('a proof that two members have seen', 'shown', { proof: good }),
      vector('by a member and the authority, of the only leaf', 'shown', {
        proof: only,
        digest: numberedDigest(0),
      }),
      vector('by two members beside the operator', 'shown', seenBy('bureau', 'broker', 'consumer')),
      vector('beside a witness whom nobody knows', 'shown', seenBy('stranger', 'broker', 'consumer')),
      vector('extra, for which nobody vouches', 'shown', { proof: extra }),
      vector('extra that is empty', 'shown', { proof: good.replace('index', 'extra \nindex') }),
      vector('another leaf’s digest', 'proof_invalid', { proof: good, digest: numberedDigest(5) }),
      vector('another leaf’s proof', 'proof_invalid', { proof: proofOf(5) }),
      vector('another leaf’s index', 'proof_invalid', { proof: good.replace('index 4', 'index 5') }),
      vector('an index that is the size', 'proof_invalid', { proof: good.replace('index 4', 'index 7') }),
      vector('a hash with a bit turned', 'proof_invalid', {
        proof: good.replace(first, `A${first.slice(1)}`),
      }),
      vector('a hash missing', 'proof_invalid', { proof: good.replace(`${first}\n`, '') }),
      vector('a hash too many', 'proof_invalid', { proof: good.replace('\n\n', `\n${zeros}\n\n`) }),
      vector('the checkpoint of another size', 'proof_invalid', {
        proof: proofWith(signedCheckpoint(checkpointText(6), ['broker', 'consumer'])),
      }),
      vector('63 hashes', 'proof_invalid', { proof: proofOfHashes(63) }),
      vector('64 hashes', 'malformed', { proof: proofOfHashes(64) }),
      vector('a size that was not signed', 'signature_invalid', {
        proof: good.replace('\n7\n', '\n8\n'),
      }),
      vector('no cosignature', 'quorum_missing', seenBy()),
      vector('a missing cosignature: by one member', 'quorum_missing', seenBy('broker')),
      vector('by one member and an unknown witness', 'quorum_missing', seenBy('broker', 'stranger')),
      vector('by the operator alone', 'quorum_missing', seenBy('bureau')),
      vector('by the operator and a member', 'quorum_missing', seenBy('bureau', 'broker')),
      vector('by the authority alone', 'quorum_missing', seenBy('authority')),
      vector('by the operator and the authority', 'quorum_missing', seenBy('bureau', 'authority')),
      vector('by one member with two keys', 'quorum_missing', {
        proof: good,
        witnesses: [witnessKey('broker'), { ...witnessKey('consumer'), member: 'broker' }],
      }),
      vector('a bad cosignature beside enough good ones', 'signature_invalid', {
        proof: badlyCosigned(),
      }),
      vector('another ledger’s', 'origin_unexpected', { proof: good, origin: 'broker.example/ledger' }),
      vector('by another key than the ledger’s', 'signature_missing', {
        proof: proofWith(signedCheckpoint(text, ['broker', 'consumer'], [strangeSigner])),
      }),
      vector('too few witnesses, and another leaf: the quorum is judged first', 'quorum_missing', {
        ...seenBy('broker'),
        digest: numberedDigest(5),
      }),
      vector('another ledger’s, and not signed: the origin is judged first', 'origin_unexpected', {
        proof: proofWith(signedCheckpoint(text, [], [strangeSigner])),
        origin: 'broker.example/ledger',
      }),
      ...malformedProofs().map(([comment, proof]) => vector(comment, 'malformed', { proof })),
      vector('bytes that are no UTF-8', 'malformed', {
        proof: sentAsBase64(utf8(good), Uint8Array.of(0xff)),
      }),
      vector('a digest that is none', 'malformed', { proof: good, digest: 'sha-256:' }),
    ],
  };
}

function malformedProofs(): [string, string][] {
  const bare = proofWith(signedCheckpoint(text));
  return [
    ['nothing', ''],
    ['another version', bare.replace('@v1', '@v2')],
    ['a line before', `\n${bare}`],
    ['lines that end in carriage return and newline', bare.replaceAll('\n', '\r\n')],
    ['no index', bare.replace('index 4\n', '')],
    ['an index with a leading zero', bare.replace('index 4', 'index 04')],
    ['an index below zero', bare.replace('index 4', 'index -4')],
    ['an index of 2^53', bare.replace('index 4', 'index 9007199254740992')],
    ['two indexes', bare.replace('index 4', 'index 4\nindex 4')],
    ['extra behind the index', bare.replace('index 4', 'index 4\nextra AQI=')],
    ['extra without its space', bare.replace('index 4', 'extra\nindex 4')],
    ['extra twice', bare.replace('index 4', 'extra AQI=\nextra AQI=\nindex 4')],
    ['extra with a spare bit set', bare.replace('index 4', 'extra AR==\nindex 4')],
    ['extra that is no base64', bare.replace('index 4', 'extra AQ\nindex 4')],
    ['a hash of 31 bytes', bare.replace('\n\n', `\n${encodeBase64(new Uint8Array(31))}\n\n`)],
    ['no checkpoint', bare.slice(0, bare.indexOf('\n\n'))],
    ['an empty checkpoint', bare.slice(0, bare.indexOf('\n\n') + 2)],
  ];
}

/** A good proof with a further cosignature, by the authority, that is not of this checkpoint. */
function badlyCosigned(): string {
  const elsewhere = signedCheckpoint(checkpointText(6), ['authority']);
  return `${good}${elsewhere.split('\n').at(-2) ?? ''}\n`;
}

function proofOfHashes(count: number): { pieces: [string, number][] } {
  return {
    pieces: [
      ['c2sp.org/tlog-proof@v1\nindex 4\n', 1],
      [`${zeros}\n`, count],
      [`\n${witnessed}`, 1],
    ],
  };
}

/** Requests to witnesses; their signatures are not judged here. */
export function requestFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.requests);
  const signed = signedCheckpoint(text);
  const sound = formatWitnessRequest(6, consistencyProof(6, size, numberedNode), signed);
  const lines = (old: string, count = 0): { request: { pieces: [string, number][] } } => ({
    request: {
      pieces: [
        [`${old}\n`, 1],
        [`${zeros}\n`, count],
        [`\n${signed}`, 1],
      ],
    },
  });
  const bare = formatWitnessRequest(6, [new Uint8Array(32)], signed);
  const malformed: [string, string][] = [
    ['nothing', ''],
    ['no old size', bare.replace('old 6\n', '')],
    ['an old size with a leading zero', bare.replace('old 6', 'old 06')],
    ['an old size with a space behind', bare.replace('old 6', 'old 6 ')],
    ['no blank line', bare.replace('\n\n', '\n')],
    ['a hash of 31 bytes', bare.replace('\n\n', `\n${encodeBase64(new Uint8Array(31))}\n\n`)],
    ['lines that end in carriage return and newline', bare.replaceAll('\n', '\r\n')],
    ['a checkpoint without signatures', bare.slice(0, bare.indexOf('— '))],
    ['a checkpoint that is none', bare.replace('\n7\n', '\nseven\n')],
    ['a line in front', `\n${bare}`],
  ];
  return {
    about: 'Requests to witnesses as they are read; neither proof nor signatures are judged here.',
    common: {},
    vectors: [
      vector('a request', 'shown', { request: sound }),
      vector('a first request', 'shown', lines('old 0')),
      vector('63 hashes', 'shown', lines('old 1', 63)),
      vector('64 hashes', 'malformed', lines('old 1', 64)),
      vector('an old size that is the size', 'shown', lines('old 7')),
      vector('an old size above the size', 'malformed', lines('old 8')),
      vector('more bytes than the bound', 'malformed', {
        request: {
          pieces: [
            [sound, 1],
            ['a', proofLimits.bytesMax],
          ],
        },
      }),
      ...malformed.map(([comment, request]) => vector(comment, 'malformed', { request })),
    ],
  };
}
