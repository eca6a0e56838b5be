/**
 * One message given up, as a record of a segment. It is full of personal data, so segments are sealed: see `segment.ts`.
 *
 *     record = header as JSON  0x0A  raw bytes
 *
 * @module
 */
export interface DeadLetter {
  /** When it was given up, in milliseconds since 1970. */
  readonly time: number;
  readonly reason: DeadLetterReason;
  /** How often it was tried. */
  readonly attempts: number;
  /** Where it came from, in the words of its spout. */
  readonly origin: unknown;
  readonly topology: string;
  /** The spout that emitted it: where a replay goes in. */
  readonly spout: string;
  readonly partition: string;
  readonly position: number;
  /** What its spout needs of it beside the bytes, to emit it again: `Batch.besides`. */
  readonly besides?: unknown;
  /** Of one that failed again in a replay: the name that it had before, and still has. Otherwise its place is its name. */
  readonly id?: string;
  /** How often it was replayed; none when it never was. */
  readonly replays?: number;
  /** The message as it came. */
  readonly raw: Uint8Array;
}

export interface DeadLetterReason {
  readonly kind:
    | 'rejected'
    | 'failed'
    | 'timeout'
    | 'worker-lost'
    | 'blocked'
    | 'out-of-memory'
    | 'killed-worker';
  /** The component that gave it up, or was at work, where it is known. */
  readonly component?: string | undefined;
  /** Of 'failed'. */
  readonly code?: string;
  /** Of 'rejected'. */
  readonly reason?: string;
}

const NEWLINE = 0x0a;

/** In parts. JSON.stringify writes no newline, so the first one ends the header. */
export const encodeLetter = ({ raw, ...header }: DeadLetter): [Uint8Array, Uint8Array] => [
  Buffer.from(`${JSON.stringify(header)}\n`),
  raw,
];

export function decodeLetter(record: Buffer): DeadLetter {
  const end = record.indexOf(NEWLINE);
  return { ...JSON.parse(record.toString('utf8', 0, end)), raw: record.subarray(end + 1) };
}
