import { EXIT } from './exit-codes.ts';

/** A word behind a command that it does not know, answered as an unknown command is. */
export function unknownWord(words: string, usage: string): number {
  process.stderr.write(`error: unknown command '${words.trim()}'\n${usage}`);
  return EXIT.usage;
}
