/**
 * One text per JSON value, for hashing: RFC 8785 (JSON Canonicalization Scheme).
 *
 * Members are sorted by UTF-16 code units, numbers and strings are written as ECMAScript does, and
 * there is no white space. As in `JSON.stringify`, members that are `undefined` are left out and `toJSON` is asked.
 *
 * @module
 */

/** @throws TypeError for what I-JSON cannot say: NaN, infinities, lone surrogates, functions, bigints, cycles. */
export function canonicalJson(value: unknown, within: readonly unknown[] = []): string {
  if (typeof value !== 'object' || value === null) return primitive(value);
  if (within.includes(value)) throw new TypeError('It contains itself.');
  const inner = [...within, value];
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return canonicalJson(value.toJSON(), inner);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, inner)).join(',')}]`;
  if (!isPlain(value)) throw new TypeError(`It holds a ${value.constructor.name}.`);
  return `{${membersOf(value)
    .map(([name, member]) => `${primitive(name)}:${canonicalJson(member, inner)}`)
    .join(',')}}`;
}

function membersOf(value: object): [string, unknown][] {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.sort(([a], [b]) => (a < b ? -1 : 1));
}

function primitive(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`It holds ${value}.`);
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value))
    throw new TypeError('It holds half a character.');
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value))
    return JSON.stringify(value);
  throw new TypeError(`It holds a value of type ${typeof value}.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Also of another realm: a plain object's prototype has none of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
