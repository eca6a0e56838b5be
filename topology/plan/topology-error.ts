/**
 * What is wrong with a topology: refused before anything of it runs.
 *
 * @module
 */

/** What tools may match on; the texts may change. */
export const TOPOLOGY_ERROR_CODES = [
  'bad-parameters',
  'bad-name',
  'duplicate-name',
  'no-spout',
  'bad-tasks',
  'bad-worker',
  'missing-input',
  'unknown-node',
  'unknown-stream',
  'cycle',
  'unread-stream',
  'read-and-discarded',
  'no-reason',
  'unknown-field',
  'wrong-type',
  'bad-grouping',
  'not-int',
  'wrong-grouping',
  'bad-lineage',
  'personal-data',
  'not-json',
  'unfit-sink',
] as const;

export type TopologyErrorCode = (typeof TOPOLOGY_ERROR_CODES)[number];

/** The message names node and stream and says what to do: one line per problem where there are several. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
  readonly code: TopologyErrorCode;
  readonly topology: string;
  /** What the message says, one by one. */
  readonly problems: readonly string[];

  constructor(code: TopologyErrorCode, topology: string, problems: readonly string[]) {
    const list =
      problems.length === 1
        ? ` ${problems[0]}`
        : problems.map((problem) => `\n- ${problem}`).join('');
    super(`Topology "${topology}":${list}`);
    this.code = code;
    this.topology = topology;
    this.problems = problems;
  }
}
