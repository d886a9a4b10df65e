import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { run as dispute } from './dispute.ts';
import { run as disputes } from './disputes.ts';
import { run as staff } from './staff.ts';

const silent = () => undefined;
const terminal: Terminal = { json: false, line: silent, step: silent, progress: silent, object: silent };
const context = { terminal, home: '/nowhere/at/all' };
let said = '';

beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each([
  ['dispute', dispute],
  ['disputes', disputes],
  ['staff', staff],
])('causeway %s', (name, run) => {
  const reading = name === 'staff' ? 'show' : 'list';

  test('a word that it does not know is an unknown command, whatever else is missing', async () => {
    expect(await run(context, ['opne'], {})).toBe(EXIT.usage);
    expect(said).toContain(`error: unknown command '${name} opne'`);
    expect(said).toContain(`usage: causeway ${name}`);
  });

  test('without whose it is, it says how it is used', async () => {
    expect(await run(context, [reading], {})).toBe(EXIT.usage);
    expect(said).toMatch(new RegExp(`^usage: causeway ${name} `, 'u'));
  });

  test('without a federation it cannot be reached', async () => {
    const whose = { person: 'li-na', bureau: 'central', member: 'abc-bank' };
    const error: unknown = await run(context, [reading], whose).catch((thrown: unknown) => thrown);
    expect(exitCodeOf(error)).toBe(EXIT.unreachable);
    expect(String(error)).toContain('causeway up');
  });
});
