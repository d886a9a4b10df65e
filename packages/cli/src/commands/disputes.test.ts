import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { run as dispute } from './dispute.ts';
import { run as disputes } from './disputes.ts';

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
])('causeway %s', (name, run) => {
  test('a word that it does not know is an unknown command, whatever else is missing', async () => {
    expect(await run(context, ['opne'], {})).toBe(EXIT.usage);
    expect(said).toContain(`error: unknown command '${name} opne'`);
    expect(said).toContain(`usage: causeway ${name}`);
  });

  test('without whose it is, it says how it is used', async () => {
    expect(await run(context, ['list'], {})).toBe(EXIT.usage);
    expect(said).toMatch(new RegExp(`^usage: causeway ${name} `, 'u'));
  });

  test('without a federation it cannot be reached', async () => {
    const error: unknown = await run(context, ['list'], { person: 'li-na', bureau: 'central' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(exitCodeOf(error)).toBe(EXIT.unreachable);
    expect(String(error)).toContain('causeway up');
  });
});
