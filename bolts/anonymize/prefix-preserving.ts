/** Replaces addresses by pseudonyms that keep common prefixes. @module */
import { address } from '../../topology/rows/address.js';
import type { Field } from '../../topology/rows/field.js';
import { addressRule } from './address-rule.js';
import { CryptoPan } from './crypto-pan.js';
import { keyId } from './key-id.js';
import type { Rule } from './rule.js';

/**
 * Crypto-PAn. An IPv4-mapped address is mapped as IPv4, so that one client has one pseudonym.
 * Whoever holds the key can turn results back: for internal network analysis only.
 *
 * @param key 32 bytes, e.g. from `randomBytes(32)`
 * @throws Error when the key is of another length or all zero
 *
 * @example
 * anonymize(Request, { ip: prefixPreserving(readFileSync('/run/secrets/ip.key')) });
 */
export function prefixPreserving(key: Uint8Array): Rule<'ip', Field<string>> {
  const pan = new CryptoPan(key);
  return addressRule('ip.crypto-pan', { key: keyId(key) }, (family) => {
    if (family === 4) address.v4 = pan.v4(address.v4);
    else pan.v6(address.v6);
  });
}
