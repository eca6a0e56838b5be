/** Names a key without showing it. @module */
import { createHash } from 'node:crypto';

/**
 * Eight hex digits that change when the key does: what plans and reports show. So short that they
 * do not help to find a key that was made from a passphrase.
 */
export function keyId(key: Uint8Array): string {
  return createHash('sha256').update('squall key id\0').update(key).digest('hex').slice(0, 8);
}
