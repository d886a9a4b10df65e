import type { Clock } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import { pollSeconds } from '@causeway/protocol/statements/directory';
import type { LiveTls, Log, NodeKeys, TlsFiles, TlsPair } from '@causeway/service';

interface Options {
  readonly member: string;
  readonly keys: NodeKeys;
  readonly latest: () => DirectoryView | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** After this every node has seen a directory in which a certificate is listed. */
const settledMs = (2 * pollSeconds + 2) * 1000;

/**
 * Which of the node's certificates it presents: the newest that the directory has listed long enough for
 * every other node to know it. One that the directory lists no more is not presented while there is another.
 */
export class NodeCertificate implements LiveTls {
  private readonly options: Options;
  private readonly listeners: ((next: TlsFiles) => void)[] = [];
  /** When this process first saw each certificate in the directory, by the monotonic clock. */
  private readonly seenAtMs = new Map<string, number>();
  private present: TlsPair;

  constructor(options: Options) {
    this.options = options;
    [this.present] = options.keys.held().pairs;
  }

  current(): TlsFiles {
    return this.present;
  }

  onChange(listener: (next: TlsFiles) => void): void {
    this.listeners.push(listener);
  }

  /** Looks whether another certificate is due. */
  choose(): void {
    const next = this.due();
    if (next === this.present) return;
    this.present = next;
    this.options.log.info({ event: 'certificate', digest: next.thumbprint });
    for (const listener of this.listeners) listener(next);
  }

  private due(): TlsPair {
    const { clock, keys, latest, member } = this.options;
    const { pairs } = keys.held();
    const now = clock.now();
    const listed = this.listed(latest()?.member(member)?.certificates ?? []);
    const usable = pairs.filter(
      ({ thumbprint, notBeforeMs, notAfterMs }) =>
        listed.has(thumbprint) && notBeforeMs <= now && now < notAfterMs,
    );
    const settled = usable.findLast(({ thumbprint }) => listed.get(thumbprint) === 'settled');
    const [stays, same] = [pairs, usable].map((some) => some.find((pair) => this.isPresent(pair)));
    const next = settled ?? same ?? usable[0] ?? stays ?? pairs[0];
    // The same object for the same files, so that who compares sees no change where there is none.
    return this.isPresent(next) && next.ca === this.present.ca ? this.present : next;
  }

  private isPresent({ thumbprint }: TlsPair): boolean {
    return thumbprint === this.present.thumbprint;
  }

  private listed(thumbprints: readonly string[]): Map<string, 'new' | 'settled'> {
    const now = this.options.clock.monotonic();
    for (const each of thumbprints) this.seenAtMs.set(each, this.seenAtMs.get(each) ?? now);
    return new Map(
      thumbprints.map((each) => {
        const age = now - (this.seenAtMs.get(each) ?? now);
        return [each, age >= settledMs ? 'settled' : 'new'];
      }),
    );
  }
}
