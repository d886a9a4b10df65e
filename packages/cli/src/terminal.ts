import { styleText } from 'node:util';

/** How a command talks: data on standard output, everything else on standard error. */
export interface Terminal {
  readonly json: boolean;
  /** A line of the human answer; nothing under --json. */
  line(text?: string): void;
  /** Progress, on standard error; nothing under --json. */
  step(text: string): void;
  /** How far something is, on one line of standard error that is written over; only where a person looks. */
  progress(text: string): void;
  /** The one object of a --json answer; nothing otherwise. */
  object(value: unknown): void;
}

export function openTerminal(json: boolean): Terminal {
  return {
    json,
    line: (text = '') => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    step: (text) => {
      if (!json) process.stderr.write(`${styleText('dim', `· ${text}`, { stream: process.stderr })}\n`);
    },
    progress: (text) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    },
    object: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : 0)}\n`);
    },
  };
}

type Colour = Parameters<typeof styleText>[0];

/** Text in a colour where the terminal shows colours (NO_COLOR and pipes are respected). */
export const paint = (colour: Colour, text: string): string =>
  styleText(colour, text, { stream: process.stdout });

/** Characters that take two cells: the scripts of East Asia, rare ones included, and full-width forms. */
const WIDE =
  /[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff00-\uff60\uffe0-\uffe6]/u;

/** The width of a text in terminal cells. */
export function cells(text: string): number {
  let width = 0;
  for (const char of text) width += WIDE.test(char) ? 2 : 1;
  return width;
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - cells(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - cells(text))) + text;
