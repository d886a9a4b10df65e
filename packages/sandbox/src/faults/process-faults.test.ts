import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goneWithin } from '../pids.ts';
import { ServiceProcess } from '../service-process.ts';

const MAIN = join(import.meta.dirname, 'struck-program.fixture.ts');

let home: string;
let service: ServiceProcess;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'causeway-agent-'));
  service = withEnv({});
});
afterEach(async () => {
  await service.kill();
  rmSync(home, { recursive: true, force: true });
});

const withEnv = (env: Record<string, string>): ServiceProcess =>
  new ServiceProcess(home, { name: 'struck', main: MAIN, env }, { agent: true });

const log = (): string[] => readFileSync(service.logFile, 'utf8').trim().split('\n');
const said = (line: RegExp): string[] => log().filter((each) => line.test(each));
const last = (line: RegExp): string => said(line).at(-1) ?? '';
const eventually = (line: RegExp) =>
  expect.poll(() => said(line).length, { timeout: 10_000 }).toBeGreaterThan(0);

/** Arrivals at the point that went on from there. */
const passed = (): number => Number(last(/^after/).split(' ')[1] ?? 0);

test('kill: the process ends at exactly the chosen arrival, and the next one runs free', async () => {
  const armed = await service.faults.arm('bureau-asked', { act: 'kill', skip: 3 });
  await service.start();
  const { pid } = service;
  await armed.hit;
  expect(await goneWithin(pid ?? 0, 0)).toBe(true);
  expect([last(/^before/), last(/^after/)]).toEqual(['before 4', 'after 3']);
  expect(armed.hits).toBe(1);
  writeFileSync(service.logFile, '');
  await service.start();
  await eventually(/^after 9$/);
});

test('fifty kills are told of, each by the one that died', async () => {
  for (let n = 0; n < 50; n += 1) {
    const armed = await service.faults.arm('bureau-asked', { act: 'kill' });
    await service.start();
    await armed.hit;
    expect(armed.hits).toBe(1);
  }
  expect(said(/^after/)).toEqual([]);
}, 60_000);

test('a strike that did not come in one life of the process is armed in the next', async () => {
  const armed = await service.faults.arm('bureau-asked', { act: 'kill', skip: 1000 });
  await service.start();
  await eventually(/^after 5$/);
  await service.kill();
  expect(armed.hits).toBe(0);
  await armed.disarm();
  const next = await service.faults.arm('bureau-asked', { act: 'kill', skip: 2 });
  writeFileSync(service.logFile, '');
  await service.start();
  await next.hit;
  expect(passed()).toBe(2);
});

test('stop: the whole process stands still until it is told to go on', async () => {
  await service.start();
  const armed = await service.faults.arm('bureau-asked', { act: 'stop' });
  await armed.hit;
  const [lines, at] = [log().length, passed()];
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(log()).toHaveLength(lines);
  await armed.goOn();
  await eventually(new RegExp(`^after ${at + 2}$`));
});

test('stop: a process that stands still only after it was told to go on does go on', async () => {
  await service.start();
  for (const end of ['goOn', 'disarm'] as const) {
    const armed = await service.faults.arm('bureau-asked', { act: 'stop' });
    await armed.hit;
    const at = passed();
    const goingOn = armed[end]();
    process.kill(service.pid ?? 0, 'SIGSTOP');
    await goingOn;
    await expect.poll(passed).toBeGreaterThan(at + 2);
  }
});

test('hold: only what came to the point waits there', async () => {
  await service.start();
  const armed = await service.faults.arm('bureau-asked', { act: 'hold' });
  await armed.hit;
  const [ticks, at] = [said(/^tick/).length, passed()];
  await expect.poll(() => said(/^tick/).length).toBeGreaterThan(ticks + 5);
  expect(passed()).toBe(at);
  await armed.goOn();
  await eventually(new RegExp(`^after ${at + 2}$`));
});

test('report: told of every arrival until it is disarmed', async () => {
  await service.start();
  const armed = await service.faults.arm('bureau-asked', { act: 'report', times: 1_000_000 });
  await expect.poll(() => armed.hits).toBeGreaterThan(5);
  await armed.disarm();
  const { hits } = armed;
  await eventually(new RegExp(`^after ${passed() + 5}$`));
  expect(armed.hits).toBe(hits);
});

test('the clock goes ahead and back, or time passes, also in the next life', async () => {
  /** Minutes by which Date.now(), new Date() and the monotonic clock are off. */
  const off = (line: string): string[] => {
    const read = line.split(' ').slice(-3).map(Number);
    return read.map((ms) => String(Math.round((ms - Date.now()) / 60_000) + 0));
  };
  await service.start();
  for (const minutes of [60, -60, 0]) {
    await service.faults.shiftClock(minutes * 60_000);
    await eventually(/^tick/);
    await expect.poll(() => off(last(/^tick/))).toEqual([`${minutes}`, `${minutes}`, '0']);
  }
  await service.faults.passTime(20 * 60_000);
  await expect.poll(() => off(last(/^tick/))).toEqual(['20', '20', '20']);
  await service.faults.shiftClock(-50 * 60_000);
  await expect.poll(() => off(last(/^tick/))).toEqual(['-30', '-30', '20']);
  await service.kill();
  writeFileSync(service.logFile, '');
  await service.start();
  expect(off(last(/^agent/))).toEqual(['-50', '-50', '0']);
});

test('the agent does nothing in a child that inherits its arguments', async () => {
  service = withEnv({ CHILD: '1' });
  await service.start();
  expect(last(/^agent/)).toMatch(/^agent at work/);
  await eventually(/^child/);
  expect(last(/^child/)).toBe('child: agent inert');
});

test('the agent does nothing for whoever did not start the process itself', async () => {
  const [, url = ''] = service.faults.nodeArguments;
  const foreign = new URL(url);
  foreign.searchParams.set('sandbox', '1');
  const options = { env: { ...process.env, ENDS: '1' } };
  for (const agent of [foreign.href, url]) {
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', agent, MAIN], options);
    expect(stderr).toMatch(/^agent inert/);
  }
});

test('the agent keeps no process alive', async () => {
  service = withEnv({ ENDS: '1' });
  await service.start();
  expect(await goneWithin(service.pid ?? 0, 10_000)).toBe(true);
});

test('a process without the agent has no faults to arm', () => {
  const plain = new ServiceProcess(home, { name: 'plain', main: MAIN, env: {} });
  expect(() => plain.faults).toThrow(RangeError);
});
