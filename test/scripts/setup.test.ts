import { describe, expect, test } from '@jest/globals';

type Lock = { packages: Record<string, { version?: string; optional?: boolean }> };
interface Setup {
  isOlder(running: string, required: string): boolean;
  needsInstall(lock: Lock, installed: Lock | undefined): boolean;
  neededBuild(
    sources: Record<string, string>,
    built: Record<string, string> | undefined,
  ): 'clean' | 'changed' | 'none';
}
const { isOlder, needsInstall, neededBuild } = (await import(
  '../../scripts/setup.mjs' as string
)) as Setup;

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0' },
    'node_modules/b-win32': { version: '2.0.0', optional: true },
  },
};
const { '': _root, 'node_modules/b-win32': _other, ...here } = lock.packages;

describe('packages are installed', () => {
  test('on a fresh clone', () => expect(needsInstall(lock, undefined)).toBe(true));

  test('when one is missing', () => {
    expect(needsInstall(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
  });

  test('when one is of another version than the lock file says', () => {
    const stale = { ...here, 'node_modules/a': { version: '0.9.0' } };
    expect(needsInstall(lock, { packages: stale })).toBe(true);
  });

  test('when an optional one is of another version', () => {
    const stale = { ...here, 'node_modules/b-win32': { version: '1.0.0' } };
    expect(needsInstall(lock, { packages: stale })).toBe(true);
  });

  test('but not for what is optional and of another platform', () => {
    expect(needsInstall(lock, { packages: here })).toBe(false);
  });
});

describe('the sources are built', () => {
  const sources = { 'index.ts': '1000 20', 'cli/main.ts': '1000 300' };

  test('from nothing on a fresh clone', () => {
    expect(neededBuild(sources, undefined)).toBe('clean');
  });

  test('when one has changed, even to an older time', () => {
    expect(neededBuild(sources, { ...sources, 'index.ts': '2000 20' })).toBe('changed');
  });

  test('when one is new', () => {
    expect(neededBuild(sources, { 'index.ts': '1000 20' })).toBe('changed');
  });

  test('from nothing when one has gone, so that its output goes, too', () => {
    expect(neededBuild(sources, { ...sources, 'old.ts': '1000 5' })).toBe('clean');
  });

  test('but not again', () => expect(neededBuild(sources, { ...sources })).toBe('none'));
});

test.each([
  ['18.20.4', true],
  ['20.18.3', true],
  ['20.19.0', false],
  ['20.20.2', false],
  ['22.1.0', false],
])('Node %s is too old for >=20.19: %s', (version, tooOld) => {
  expect(isOlder(version, '>=20.19')).toBe(tooOld);
});
