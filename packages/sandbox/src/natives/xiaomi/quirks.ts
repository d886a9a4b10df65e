/** How the simulated query interface misbehaves. Read at each question, so that a test may change it. */
export interface XiaomiQuirks {
  /** Answers everything with this code, another than those of the format included. */
  code?: string;
  /** The HTTP status; 200 without it, for refusals too. */
  status?: number;
  /** Changes the JSON of `data` before it is written in GBK. */
  data?: (json: string) => string;
  /** Changes the bytes of the answer on their way. */
  bytes?: (reply: Uint8Array) => Uint8Array;
  /** Writes everything in UTF-8, whatever the content type says. */
  utf8?: boolean;
  /** Half an answer and the end of the connection; a byte a moment; or bytes without an end. */
  delivery?: 'cut' | 'drip' | 'endless';
}

/** How a nightly file is spoilt. */
export interface NightlyQuirks {
  /** The trailer says one record, or one fen, more than there is. */
  trailer?: 'count' | 'sum';
  /** Only so many bytes of it arrive. */
  bytesMax?: number;
  /** A name of more than 30 bytes: cut within a character, or pushing all that follows to the right. */
  longName?: 'split' | 'overflow';
}
