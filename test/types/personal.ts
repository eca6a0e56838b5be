/** What the compiler refuses of sealed values and of schemas. `says:` as in `wiring.ts`. @module */
import { sink, type PublicRow, type Sink } from '../../topology/dsl/sink.js';
import { int, list, pii } from '../../topology/rows/field.js';
import { seal, type Pii } from '../../topology/rows/pii.js';
import { schema } from '../../topology/rows/schema.js';
import type { Text } from '../../topology/rows/text.js';
import { Malformed, Request } from './components.js';
import { byRule, countBy, lookUp, type Anonymized } from './factories.js';

export const Sealed = schema('sealed', {
  userId: pii('user_id', int()),
  tags: pii('free_text', list(int())),
});
export const userId: Pii<'user_id'> = seal('user_id', 42);
export const anyKind: Pii = userId;
export const dropped: Anonymized<Request, { userAgent: 'drop' }> = {
  ip: seal('ip', '192.0.2.1'),
  host: 'a',
  status: 1,
  isBot: true,
};

// @ts-expect-error a look-alike cannot pass for a sealed value
export const forged: Pii<'ip'> = { kind: 'ip' }; // says: Pii<"ip">
// @ts-expect-error nor can a string
export const clear: Pii<'ip'> = '192.0.2.1'; // says: 'string'; Pii<"ip">
// @ts-expect-error nor can it pass for a string
export const opened: string = seal('ip', '192.0.2.1'); // says: Pii<"ip">; 'string'
// @ts-expect-error nor for an undecoded text
export const text: Text = seal('ip', '192.0.2.1'); // says: Pii<"ip">; 'Text'
// @ts-expect-error one kind of personal data is not another
export const mixed: Pii<'user_id'> = seal('ip', '192.0.2.1'); // says: Pii<"ip">; Pii<"user_id">
// @ts-expect-error a kind that the catalogue does not know
export const odd = pii('ipp'); // says: "ipp"; PiiKind
// @ts-expect-error a field is a field
export const unfielded = schema('unfielded', { host: 'text' }); // says: 'string'; Field

// @ts-expect-error a sink cannot be declared for sealed rows
export type Raw = Sink<{ ip: Pii<'ip'> }>; // says: 'ip'; Pii<"ip">; PublicRow
// @ts-expect-error nor made for them
export const raw = sink<{ ip: Pii<'ip'> }>(null as never); // says: 'ip'; PublicRow
// @ts-expect-error nor is a row with a list of them public
export const listed: PublicRow = { ips: [seal('ip', '192.0.2.1')] }; // says: Pii<"ip">

// @ts-expect-error `host` is not sealed, so there is no rule for it
byRule(Request, { ip: 'hash', host: 'drop' }); // says: 'string'; 'never'
// @ts-expect-error there is no such rule
byRule(Request, { ip: 'rot13' }); // says: "rot13"; "hash"
// @ts-expect-error a malformed line has no `ip` to look up
lookUp(Malformed); // says: 'ip'
// @ts-expect-error there is no field `contry`
countBy(Request, 'contry'); // says: "contry"; "host"
