import type { TlsFiles } from './node-keys.ts';

/** The certificate that a node presents now, and word of each one that follows it while it runs. */
export interface LiveTls {
  current(): TlsFiles;
  /** Told of the next certificate before anybody else of the process uses it. */
  onChange(listener: (next: TlsFiles) => void): void;
}
