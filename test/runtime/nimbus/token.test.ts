import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTokenAt, sameToken, tokenAt } from '../../../runtime/nimbus/token.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-token-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it is made once, for this user alone, whoever asks at the same time', async () => {
  const path = join(folder, 'cluster/token');
  expect(await readTokenAt(path)).toBeUndefined();
  const [token, ...others] = await Promise.all([1, 2, 3, 4].map(() => tokenAt(path)));
  expect(Buffer.from(token!, 'base64url')).toHaveLength(32);
  expect(new Set(others)).toEqual(new Set([token]));
  expect(await tokenAt(path)).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('one that others may read, or that is none, is refused', async () => {
  const path = join(folder, 'token');
  const token = await tokenAt(path);
  chmodSync(path, 0o644);
  await expect(tokenAt(path)).rejects.toThrow(`chmod 600 ${path}`);
  chmodSync(path, 0o600);
  writeFileSync(path, token.slice(1));
  await expect(tokenAt(path)).rejects.toThrow('holds no token');
});

test('tokens are compared as a whole', () => {
  expect(sameToken('a'.repeat(43), 'a'.repeat(43))).toBe(true);
  expect(sameToken('a'.repeat(42), 'a'.repeat(43))).toBe(false);
  expect(sameToken('', 'a'.repeat(43))).toBe(false);
});
