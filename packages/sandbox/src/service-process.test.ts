import { expect, test } from 'vitest';
import { lastWords } from './service-process.ts';

test.each([
  [
    'an error that nobody caught',
    `{"level":30,"event":"started"}
file:///srv/services/authority/src/app.ts:3
  throw new Error('no port');
        ^

Error: no port
    at build (file:///srv/services/authority/src/app.ts:3:9)
    at async main.ts:1:1 {
  code: 'EADDRINUSE'
}

Node.js v24.21.0
`,
    'Error: no port',
  ],
  [
    'what a service says of its start, and where it was',
    'authority cannot start: The database is away.\nError: The database is away.\n    at x (y:1:2)\n\n',
    'authority cannot start: The database is away.',
  ],
  ['a log line', '{"level":30}\n{"level":50,"event":"alarm"}\n', '{"level":50,"event":"alarm"}'],
])('the last words of a log are %s', (_, log, words) => {
  expect(lastWords(log)).toBe(words);
});

test.each(['', '\n\n', 'Node.js v24.21.0\n'])('%j says nothing', (log) => {
  expect(lastWords(log)).toBeUndefined();
});
