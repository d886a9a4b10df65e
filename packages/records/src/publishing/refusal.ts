import type { RecordFault } from '../faults.ts';

/** Why a whole file, or a mapping, cannot be used. */
export type RefusalCode = 'mapping_invalid' | 'header_unreadable' | 'file_truncated';

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

/** The rules that a single line can break; stable ids that a publisher's own tools may rely on. */
export type LineRule =
  | 'encoding'
  | 'characters'
  | 'line_too_long'
  | 'quote'
  | 'json'
  | 'columns'
  | 'prohibited_category'
  | 'required'
  | 'identifier_check'
  | 'decimal'
  | 'integer'
  | 'code'
  | 'history'
  | 'no_record'
  | RecordFault['rule'];

/** Why one line is not taken. `column` is the file's own name for it, where one column is at fault. */
export interface Rejection {
  readonly line: number;
  readonly column: string | null;
  readonly rule: LineRule;
  /** Public and without the value that was refused. */
  readonly message: string;
}

/** Thrown while one line is read; becomes a Rejection at the line's boundary and goes no further. */
export class LineFault extends Error {
  override readonly name = 'LineFault';
  readonly rule: LineRule;
  readonly column: string | null;

  constructor(rule: LineRule, message: string, column: string | null = null) {
    super(message);
    this.rule = rule;
    this.column = column;
  }
}
