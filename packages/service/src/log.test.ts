import { CausewayError } from '@causeway/protocol';
import { expect, test } from 'vitest';

import { memoryLog } from './shell.fixture.ts';

const mark = '110101199003077758';

test('S98 what is not on the list of members is dropped, and its name says so', () => {
  const { log, lines } = memoryLog();
  log.info({ event: 'x', subject_ref: mark, body: { id: mark }, member: { id: mark } });
  expect(lines()).not.toContain(mark);
  expect(lines()).toContain('"dropped":["subject_ref","body"]');
  expect(lines()).toContain('"member":"[object]"');
});

test('S98 a foreign error is logged without its message, wherever it is passed', () => {
  const { log, lines } = memoryLog();
  const error = Object.assign(new Error(`invalid input: "${mark}"`), {
    code: '22P02',
    detail: mark,
    table: 'records',
  });
  log.error({ event: 'x', err: error });
  log.error(error);
  log.error({ event: 'x', err: new Error('outer', { cause: error }) });
  expect(lines()).not.toContain(mark);
  expect(lines()).toMatch(/"code":"22P02".*"table":"records"/u);
});

test('an error of ours says its code and its internal reason', () => {
  const { log, lines } = memoryLog();
  log.warn({ event: 'x', err: new CausewayError('not_found', { internal: 'other owner' }) });
  expect(lines()).toContain('"err":{"type":"CausewayError","code":"not_found","internal":"other owner"}');
});
