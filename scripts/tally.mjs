/**
 * What a run of jest comes to, for `npm test`.
 *
 * @module
 */
import { relative } from 'node:path';

/**
 * What a step comes to.
 *
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Tally
 */

/**
 * What jest's report comes to. A suite that did not run at all counts as one failure.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number,
 *   testResults: { assertionResults: { status: string, fullName: string }[] }[] }} report
 * @returns {Tally}
 */
export function tallyOf(report) {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: tests
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => fullName),
  };
}

/**
 * What failed and why, suite by suite; empty when nothing did.
 *
 * @param {{ testResults: { name: string, status: string, message: string }[] }} report
 */
export const failuresOf = ({ testResults }) =>
  testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name, message }) => `${name}\n${message}`)
    .join('\n');

/**
 * The files that took longest, a line each: what to look at when the whole takes too long.
 *
 * @param {{ testResults: { name: string, startTime: number, endTime: number }[] }} report
 * @param {string} root
 */
export const slowestOf = ({ testResults }, root) =>
  testResults
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${relative(root, name)}`);

const SLOWEST = 12;

/**
 * The lines in which tests say what they do without, each once.
 *
 * @param {string} output
 */
export const absences = (output) => [...new Set(output.match(/^skipped: .*/gm) ?? [])];

/**
 * What CI does not forgive: a test that is skipped or something that is absent. Without the published
 * vectors, which are no part of the project, skipped tests are forgiven, for their sake.
 *
 * @param {readonly string[]} skipped
 * @param {readonly string[]} absent
 */
export function unforgiven(skipped, absent) {
  const others = absent.filter((line) => !line.endsWith('(SQUALL_CONFORMANCE_DIR)'));
  return others.length < absent.length ? others : [...others, ...skipped];
}
