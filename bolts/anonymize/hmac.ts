/**
 * Replaces a value by its keyed hash: equal values stay equal, nothing else is left.
 *
 * A pseudonym and still personal data: whoever holds the key can try out every IPv4 address in hours.
 * It becomes one-way when the key is destroyed.
 *
 * @module
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { reject } from '../../topology/dsl/reject.js';
import { formatAddress, parseAddress } from '../../topology/rows/address.js';
import { arena } from '../../topology/rows/arena.js';
import { text, type Field } from '../../topology/rows/field.js';
import type { Pii, PiiKind } from '../../topology/rows/pii.js';
import { bytesOf, endOf, revealValue, startOf } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import { ADDRESS_BYTES_MAX } from './address-rule.js';
import { keyId } from './key-id.js';
import { isNothing, nothing, type Rule, type RuledField } from './rule.js';

/**
 * HMAC-SHA-256 (RFC 2104) as 64 hex digits. An address is hashed in its canonical spelling, an int as its decimal digits.
 *
 * @param key at least 16 bytes, e.g. from `randomBytes(32)`; another one for each field, or their pseudonyms join
 * @throws Error when the key is shorter
 *
 * @example
 * anonymize(Edit, { user: hmac(readFileSync('/run/secrets/user.key')) });
 */
export function hmac(key: Uint8Array): Rule<PiiKind, Field<string>> {
  if (key.length < KEY_BYTES_MIN)
    throw new Error(`hmac needs a key of at least ${KEY_BYTES_MIN} bytes.`);
  const secret = createSecretKey(key);
  return {
    method: 'hmac.sha256',
    parameters: { key: keyId(key) },
    reads: ['text', 'int'],
    emits: text(),
    compile: (field) => (value) => (value === null ? null : hashed(value, field, secret)),
  };
}

function hashed(value: Pii, field: RuledField, key: KeyObject): Text | null {
  const number = revealValue(value);
  if (number !== undefined) return digest(Buffer.from(String(number)), key);
  const bytes = bytesOf(value);
  const start = startOf(value);
  const end = endOf(value);
  if (isNothing(bytes, start, end)) return nothing(field);
  if (value.kind !== 'ip') return digest(bytes.subarray(start, end), key);
  const family = parseAddress(bytes, start, end);
  if (family === 0) reject(`${field.name}: not an address`);
  const at = arena.reserve(ADDRESS_BYTES_MAX);
  return digest(arena.bytes.subarray(at, formatAddress(family, arena.bytes, at)), key);
}

function digest(bytes: Uint8Array, key: KeyObject): Text {
  const hex = createHmac('sha256', key).update(bytes).digest('hex');
  const at = arena.reserve(HEX_BYTES);
  return arena.take(at, at + arena.bytes.latin1Write(hex, at));
}

const KEY_BYTES_MIN = 16;
const HEX_BYTES = 64;
