/** What all rules for addresses share: reading any spelling, refusing the rest, writing one form. @module */
import type { Parameters } from '../../topology/dsl/lineage.js';
import { reject } from '../../topology/dsl/reject.js';
import { formatAddress, parseAddress } from '../../topology/rows/address.js';
import { arena } from '../../topology/rows/arena.js';
import { text, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import { isNothing, type Rule, type RuledField } from './rule.js';

/**
 * A rule that changes the address in `address` (`topology/rows`). Its results are canonical
 * (RFC 5952); what is no address is refused with `<field>: not an address`.
 *
 * @param change changes `address.v4` or `address.v6` in place
 * @param leavesWhole as of the rule
 */
export function addressRule(
  method: string,
  parameters: Parameters,
  change: (family: 4 | 6) => void,
  leavesWhole = false,
): Rule<'ip', Field<string>> {
  const compile = (field: RuledField) => (ip: Pii | null) =>
    ip === null ? null : changed(ip, field, change);
  return { method, parameters, reads: ['text'], emits: text(), leavesWhole, compile };
}

function changed(ip: Pii, field: RuledField, change: (family: 4 | 6) => void): Text | null {
  const bytes = bytesOf(ip);
  const start = startOf(ip);
  const end = endOf(ip);
  const family = parseAddress(bytes, start, end);
  if (family === 0) {
    if (field.nullable && isNothing(bytes, start, end)) return null;
    reject(`${field.name}: not an address`);
  }
  change(family);
  const at = arena.reserve(ADDRESS_BYTES_MAX);
  return arena.take(at, formatAddress(family, arena.bytes, at));
}

/** Of any address as `formatAddress` writes it. */
export const ADDRESS_BYTES_MAX = 39;
