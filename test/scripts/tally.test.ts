import { expect, test } from '@jest/globals';

interface Tally {
  passed: number;
  failed: number;
  skipped: string[];
}
const { tallyOf, failuresOf, slowestOf, absences, unforgiven } = (await import(
  '../../scripts/tally.mjs' as string
)) as {
  tallyOf(report: object): Tally;
  failuresOf(report: object): string;
  slowestOf(report: object, root: string): string[];
  absences(output: string): string[];
  unforgiven(skipped: readonly string[], absent: readonly string[]): string[];
};

const VECTORS = 'skipped: ../shared/conformance/a.json is not there (SQUALL_CONFORMANCE_DIR)';
const SERVER = 'skipped: redis-server is not installed';

test('skipped tests are named, and a suite that did not run counts as a failure', () => {
  const tests = [
    { status: 'passed', fullName: 'a' },
    { status: 'pending', fullName: 'b' },
    { status: 'todo', fullName: 'c' },
  ];
  const report = {
    numPassedTests: 1,
    numFailedTests: 2,
    numRuntimeErrorTestSuites: 1,
    testResults: [{ assertionResults: tests }],
  };
  expect(tallyOf(report)).toEqual({ passed: 1, failed: 3, skipped: ['b', 'c'] });
});

test('the files that took longest are told, the slowest first', () => {
  const testResults = [
    { name: '/root/test/a.test.ts', startTime: 0, endTime: 1500 },
    { name: '/root/test/b.test.ts', startTime: 0, endTime: 62_000 },
  ];
  expect(slowestOf({ testResults }, '/root')).toEqual([
    '  62.0 s  test/b.test.ts',
    '   1.5 s  test/a.test.ts',
  ]);
});

test('of a report only what failed is told', () => {
  const results = [
    { name: 'a.test.ts', status: 'passed', message: '' },
    { name: 'b.test.ts', status: 'failed', message: '● adds' },
    { name: 'c.test.ts', status: 'failed', message: '● did not run' },
  ];
  expect(failuresOf({ testResults: results })).toBe('b.test.ts\n● adds\nc.test.ts\n● did not run');
});

test('what tests do without is said once', () => {
  expect(absences(`PASS a\n${SERVER}\nsomething\n${SERVER}\n${VECTORS}\n`)).toEqual([
    SERVER,
    VECTORS,
  ]);
});

test('on CI a skipped test has failed', () => {
  expect(unforgiven(['b'], [])).toEqual(['b']);
});

test('on CI something absent has failed', () => {
  expect(unforgiven([], [SERVER])).toEqual([SERVER]);
});

test('on CI the published vectors may be absent, and then the tests of them are skipped', () => {
  expect(unforgiven(['b'], [VECTORS])).toEqual([]);
  expect(unforgiven(['b'], [VECTORS, SERVER])).toEqual([SERVER]);
});
