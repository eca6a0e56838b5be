import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockCheck } from '../../../cli/doctor/clock.js';
import { folderChecks, inodesCheck, roomCheck } from '../../../cli/doctor/folders.js';
import { programCheck } from '../../../cli/doctor/programs.js';
import { socketsCheck } from '../../../cli/doctor/sockets.js';
import { filesCheck, nodeCheck, receiveBufferCheck } from '../../../cli/doctor/system.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['20.18.3', 'fail'],
  ['18.20.0', 'fail'],
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
])('Node %s is %s', (version, status) => {
  expect(nodeCheck(version)).toMatchObject({ status, found: version });
});

test.each([
  ['Max open files            255                  1024                 files', 'fail'],
  ['Max open files            1024                 1048576              files', 'warn'],
  ['Max open files            65536                65536                files', 'ok'],
  ['Max open files            unlimited            unlimited            files', 'ok'],
  ['', 'warn'],
])('the limit of "%s" is %s', (limits, status) => {
  const check = filesCheck(`Limit  Soft  Hard  Units\n${limits}\n`);
  expect(check.status).toBe(status);
  expect(check.next === undefined).toBe(status === 'ok');
});

test('a receive buffer smaller than udp asks for is told with the sysctl', () => {
  expect(receiveBufferCheck('4194304\n').status).toBe('ok');
  expect(receiveBufferCheck('212992\n')).toMatchObject({
    status: 'warn',
    next: expect.stringContaining('sysctl -w net.core.rmem_max=4194304'),
  });
});

test('little room is a warning, and hardly any a failure', () => {
  const gib = 1024 ** 3;
  expect([3 * gib, gib, 1024].map((bytes) => roomCheck('out', bytes).status)).toEqual([
    'ok',
    'warn',
    'fail',
  ]);
  expect([20_000, 5000, 5].map((free) => inodesCheck('out', 30_000, free).status)).toEqual([
    'ok',
    'warn',
    'fail',
  ]);
  expect(inodesCheck('out', 0, 0).status).toBe('ok');
});

test('a folder that is not there is looked at where it will be made', async () => {
  const [check] = await folderChecks('out', join(folder, 'a/b'));
  expect(check).toMatchObject({
    status: 'ok',
    found: expect.stringContaining(`made in ${folder}`),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that cannot be written fails', async () => {
  // What is below a file cannot be made, by root neither.
  writeFileSync(join(folder, 'file'), '');
  const [check] = await folderChecks('out', join(folder, 'file', 'below'));
  expect(check).toMatchObject({ status: 'fail', found: expect.stringContaining('ENOTDIR') });
});

test('sockets are tried out, and leave nothing', async () => {
  expect(await socketsCheck(join(folder, 'squall-'))).toMatchObject({ status: 'ok' });
  expect(readdirSync(folder)).toEqual([]);
  const long = join(folder, 'x'.repeat(100));
  mkdirSync(long);
  expect(await socketsCheck(join(long, 'squall-'))).toMatchObject({
    status: 'fail',
    next: expect.stringContaining('TMPDIR'),
  });
});

test('a clock that was put back, or never set, is noticed', async () => {
  const now = Date.parse('2026-11-21T18:00:00Z');
  writeFileSync(join(folder, 'id'), '');
  utimesSync(join(folder, 'id'), now / 1000, now / 1000);
  expect(await clockCheck(folder, now)).toMatchObject({ status: 'ok' });
  expect(await clockCheck(folder, now - 3_600_000)).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('3600 s before files'),
  });
  expect(await clockCheck(folder, 0)).toMatchObject({ status: 'fail' });
  expect(await clockCheck(join(folder, 'none'), now)).toMatchObject({ status: 'ok' });
});

test('a program that is missing fails with what to install', () => {
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    expect(programCheck('varnishncsa')).toMatchObject({
      status: 'fail',
      next: 'Install it: apt install varnish',
    });
    writeFileSync(join(folder, 'java'), '#!/bin/sh\necho openjdk 17 >&2\n', { mode: 0o755 });
    expect(programCheck('java')).toMatchObject({ status: 'ok', found: 'openjdk 17' });
  } finally {
    process.env['PATH'] = path;
  }
});
