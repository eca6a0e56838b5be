/** What a broker's error code means for a batch (Kafka protocol, "Error Codes"). @module */

/**
 * What to do about an answer:
 *
 * - `stored`: done, maybe by an earlier try
 * - `record`: a record is refused; which one, sending halves finds out
 * - `topic`: all that goes to the topic is refused
 * - `renew`: the broker does not know this producer any more; a new identity is needed
 * - `retry`: a leader that moves, too few replicas, or a broker in trouble
 */
export type Verdict = 'stored' | 'record' | 'topic' | 'renew' | 'retry';

/** The verdict on an error code. One that is not known is taken for a broker in trouble: nothing is lost by trying again. */
export const verdictOf = (code: number): Verdict => ANSWERS[code]?.[0] ?? 'retry';

/** For the operator: why a record or topic was refused, or is not stored yet. */
export const reasonOf = (code: number): string => ANSWERS[code]?.[1] ?? `Kafka error ${code}`;

/** Of a topic that no broker knows. */
export const UNKNOWN_TOPIC = 3;
export const INVALID_TOPIC = 17;
export const LEADER_NOT_AVAILABLE = 5;
export const RECORD_TOO_LARGE = 10;

const ANSWERS: { readonly [code: number]: readonly [verdict: Verdict, reason: string] } = {
  0: ['stored', 'stored'],
  [UNKNOWN_TOPIC]: ['retry', 'topic missing'],
  [LEADER_NOT_AVAILABLE]: ['retry', 'a partition has no leader'],
  6: ['retry', 'a leader has moved'],
  7: ['retry', 'replicas did not answer in time'],
  [RECORD_TOO_LARGE]: ['record', 'record too large for the topic'],
  [INVALID_TOPIC]: ['topic', 'invalid topic name'],
  18: ['record', 'record too large for the segments of the topic'],
  19: ['retry', 'too few replicas are in sync'],
  20: ['retry', 'too few replicas are in sync'],
  29: ['topic', 'not authorised to write to the topic'],
  32: ['record', 'timestamp refused by the topic'],
  42: ['record', 'invalid request'],
  43: ['topic', 'the message format of the topic is too old'],
  44: ['record', 'refused by a policy of the cluster'],
  45: ['renew', 'sequence out of order'],
  46: ['stored', 'stored before'],
  47: ['renew', 'producer epoch too old'],
  59: ['renew', 'producer forgotten'],
  76: ['topic', 'compression not supported by the topic'],
  87: ['record', 'record refused by the topic, e.g. without a key where it is compacted'],
  90: ['renew', 'producer fenced'],
};
