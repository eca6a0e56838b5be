/** A folder per test, and file handles that fail on demand. @module */
import { jest } from '@jest/globals';
import { mkdtemp, open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'squall-test-'));

export const errorWithCode = (code: string): Error => Object.assign(new Error(code), { code });

type Method = 'write' | 'datasync' | 'sync' | 'close';

/** The next call of a method of any file handle fails so; `torn` bytes of a write get to the file. Undone by `jest.restoreAllMocks`. */
export async function failNext(method: Method, code: string, torn = 0): Promise<void> {
  const probe = await open('.', 'r');
  const prototype: FileHandle = Object.getPrototypeOf(probe);
  const original = prototype[method] as (...args: unknown[]) => Promise<unknown>;
  await probe.close();
  const spy = jest.spyOn(prototype, method);
  spy.mockImplementationOnce(async function (this: FileHandle, ...args: unknown[]) {
    spy.mockRestore();
    if (torn > 0) await original.call(this, args[0], args[1], torn, args[3]);
    throw errorWithCode(code);
  } as never);
}
