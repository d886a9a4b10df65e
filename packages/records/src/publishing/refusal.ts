import type { LineRule, RefusalCode, WarningRule } from './rules.ts';

/**
 * A file or a mapping that is refused whole; nothing of it may be stored. The message is public: it names
 * columns, fields and lines, never a value. `pointer` is a JSON pointer into the mapping.
 */
export class PublishingRefusal extends Error {
  override readonly name = 'PublishingRefusal';
  readonly code: RefusalCode;
  readonly pointer: string | undefined;

  constructor(code: RefusalCode, message: string, pointer?: string) {
    super(message);
    this.code = code;
    this.pointer = pointer;
  }
}

/** Where a rule struck. `column` is the file's own name for it, where one column is at fault. */
interface Place {
  readonly line: number;
  readonly column: string | null;
  /** JSON pointer into the mapping, where it says how the value is read. */
  readonly pointer: string | null;
  /** Public and without the value that was refused. */
  readonly message: string;
}

/** Why one line is not taken. */
export interface Rejection extends Place {
  readonly rule: LineRule;
}

/** What is odd about a line that is taken. */
export interface Warning extends Place {
  readonly rule: WarningRule;
}

/** Thrown while one line is read; becomes a Rejection at the line's boundary and goes no further. */
export class LineFault extends Error {
  override readonly name = 'LineFault';
  readonly rule: LineRule;
  readonly column: string | null;
  readonly pointer: string | null;

  constructor(rule: LineRule, message: string, column: string | null = null, pointer: string | null = null) {
    super(message);
    this.rule = rule;
    this.column = column;
    this.pointer = pointer;
  }
}
