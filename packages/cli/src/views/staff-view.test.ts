import { expect, test } from 'vitest';
import { staffLines, staffSetLines } from './staff-view.ts';

const staff = { issuer: 'https://idp.example', client_id: 'console', roles: ['inquiry_clerk', 'auditor'] };
const shown = ['abc-bank: its staff sign in at https://idp.example, client console'];
const roles = 'roles: inquiry_clerk, auditor';

test('a member’s staff are told with their provider and roles, and that there are none', () => {
  expect(staffLines('abc-bank', staff)).toEqual([...shown, roles]);
  expect(staffLines('abc-bank', undefined)).toEqual(['abc-bank: nobody signs in for it']);
});

test('what was set is told with who has acknowledged it, and who has not yet', () => {
  const set = { member: 'abc-bank', staff, version: 7, acknowledged: ['broker'], waiting: ['consumer'] };
  expect(staffSetLines(set)).toEqual([
    ...[...shown, roles, 'directory 7, acknowledged by broker'],
    'not yet: consumer; they hear of it at their next poll',
    'What was taken away has ended. What was added counts once witnesses have seen the directory.',
  ]);
  const nobody = staffSetLines({ ...set, acknowledged: [], waiting: [] });
  expect(nobody[2]).toBe('directory 7, acknowledged by nobody yet');
  expect(nobody).toHaveLength(4);
});
