import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { obstacle } from './machine.mjs';
import { askedFor, withoutProjects } from './run-tests.mjs';
import { explain } from './setup.mjs';

const linux = { platform: 'linux', arch: 'x64', glibc: true, user: true, node: 20 };

test('Linux with glibc, Node 20 and a named user is enough', () => {
  expect(obstacle(linux)).toBeUndefined();
});

test.each([
  ['another system', { ...linux, platform: 'darwin', arch: 'arm64' }, 'this is darwin on arm64'],
  ['another processor', { ...linux, arch: 's390x' }, 'this is linux on s390x'],
  ['another C library', { ...linux, glibc: false }, 'another C library'],
  ['a user id without a name', { ...linux, user: false }, 'no entry in the passwd file'],
  ['an old Node', { ...linux, node: 18 }, 'needs Node 20 or newer'],
])('%s is refused in one sentence', (_, machine, sentence) => {
  expect(obstacle(machine)).toContain(sentence);
});

test.each([
  ['no network', 'npm error code ENOTFOUND\nnpm error network request failed', 'No network'],
  ['a full disk', 'ENOSPC: no space left on device, write', 'The disk is full'],
  ['a folder of somebody else', 'EACCES: permission denied, mkdir', 'may not write'],
  ['a stale lockfile', 'ERR_PNPM_OUTDATED_LOCKFILE Cannot install', 'does not match'],
  ['anything else', 'x\nERR_PNPM_ODD Something odd\n', 'failed: ERR_PNPM_ODD Something odd'],
])('%s is explained in one sentence', (_, output, sentence) => {
  expect(explain(output)).toContain(sentence);
});

test('projects are taken from the arguments in both spellings', () => {
  const args = ['--project', 'db', 'broker', '--project=unit'];
  expect(askedFor(args)).toEqual(['db', 'unit']);
  expect(withoutProjects(args)).toEqual(['broker']);
  expect(askedFor(['broker'])).toBeUndefined();
});

test('an unknown command is refused with exit code 2', () => {
  const done = spawnSync(process.execPath, [join(import.meta.dirname, 'bootstrap.mjs'), 'deploy'], {
    encoding: 'utf8',
  });
  expect(done).toMatchObject({ status: 2, stdout: '' });
  expect(done.stderr).toContain('usage');
});
