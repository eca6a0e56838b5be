/**
 * One message given up, and how it is sealed. It is full of personal data, so nothing of it is on disk in clear.
 *
 *     sealed = version:1 byte  nonce:12 bytes  AES-256-GCM(header as JSON, 0x0A, raw bytes)  tag:16 bytes
 *
 * Each segment file has a key of its own, HKDF-SHA256 (RFC 5869) of the folder's key and the segment's salt: NIST SP 800-38D
 * section 8.3 allows 2^32 messages with random nonces per key, and a segment of 64 MiB holds two million at most.
 * Additional data is the segment's name and the record's number, so that no record can be moved, swapped or left out in the middle.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

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
  /** The message as it came. */
  readonly raw: Uint8Array;
}

export interface DeadLetterReason {
  readonly kind: 'rejected' | 'failed' | 'timeout' | 'worker-lost';
  /** The component that gave it up, where it is known. */
  readonly component?: string;
  /** Of 'failed'. */
  readonly code?: string;
  /** Of 'rejected'. */
  readonly reason?: string;
}

/** The version of the format, the first byte of each record. */
export const VERSION = 1;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NEWLINE = 0x0a;

/** The key of a segment. */
export const segmentKey = (folderKey: Buffer, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', folderKey, salt, 'squall dead letters', 32));

/** Seals a letter as record `record` of a segment. */
export function seal(
  { raw, ...header }: DeadLetter,
  key: Buffer,
  segment: string,
  record: number,
): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData(segment, record));
  // JSON.stringify writes no newline, so the first one ends the header.
  const parts = [cipher.update(`${JSON.stringify(header)}\n`), cipher.update(raw), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), nonce, ...parts, cipher.getAuthTag()]);
}

/** The letter, or `undefined` when it was changed, moved or sealed with another key. */
export function unseal(
  sealed: Buffer,
  key: Buffer,
  segment: string,
  record: number,
): DeadLetter | undefined {
  const clear = decrypted(sealed, key, additionalData(segment, record));
  if (clear === undefined) return undefined;
  const end = clear.indexOf(NEWLINE);
  return { ...JSON.parse(clear.toString('utf8', 0, end)), raw: clear.subarray(end + 1) };
}

function decrypted(sealed: Buffer, key: Buffer, data: Buffer): Buffer | undefined {
  const bodyAt = 1 + NONCE_BYTES;
  if (sealed[0] !== VERSION || sealed.length < bodyAt + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, bodyAt)).setAAD(data);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(bodyAt, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const additionalData = (segment: string, record: number): Buffer =>
  Buffer.from(`${segment}\n${record}`);
