/**
 * What the gateway does beside the plain case, all of it seen or documented somewhere. A test or a script
 * changes members while the gateway runs.
 */
export interface ZhimaQuirks {
  /** White space inside the inner object, where a writer was pretty-printing. */
  spacing: 'compact' | 'spaced';
  keyOrder: 'usual' | 'reversed';
  /** `unicode`: everything beyond ASCII as `\u` escapes. */
  escapes: 'none' | 'unicode';
  /** `gbk`: replies come in GBK whatever was asked for. */
  replyCharset: 'asked' | 'gbk';
  /** `not_scored`: nobody has a score. */
  score: 'held' | 'not_scored';
  /** Old versions say level 0 for every entry. */
  levels: 'graded' | 'always_zero';
  /** What stands for `details` where nothing is listed. */
  details: 'empty' | 'missing';
  /** Answer everything with this code and sub-code, and HTTP 200. */
  error: { readonly code: string; readonly subCode: string } | undefined;
  /** `wrong`: over the same object written again. `missing`: no `sign` at all. */
  signature: 'raw' | 'wrong' | 'missing';
  /** Another inner object, before it is signed. */
  rewriteInner: ((inner: string) => string) | undefined;
  /** Other bytes, after they were signed. */
  rewriteBody: ((body: Buffer) => Buffer) | undefined;
}

export const noQuirks: ZhimaQuirks = {
  spacing: 'compact',
  keyOrder: 'usual',
  escapes: 'none',
  replyCharset: 'asked',
  score: 'held',
  levels: 'graded',
  details: 'empty',
  error: undefined,
  signature: 'raw',
  rewriteInner: undefined,
  rewriteBody: undefined,
};
