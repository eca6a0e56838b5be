/** What a bolt task emits with. @module */
import type { Bolt } from '../../topology/dsl/bolt.js';
import { CUT, OVER } from '../../topology/rows/cutting.js';
import { emitter, type Emitter } from '../../topology/rows/emitter.js';
import { RowError } from '../../topology/rows/row-error.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Accept } from './delivery.js';
import { isSettled, type Anchor } from './anchor.js';
import type { Visit } from './visit.js';

export type Emitters = { readonly [stream: string]: Emitter };

/** One per stream; their rows hang on the visit at hand. */
export function emittersOf(
  name: string,
  bolt: Bolt<never, never>,
  deliver: (stream: string) => Accept,
): Emitters {
  const schemas: [string, Schema][] = Object.entries(bolt.emits);
  return Object.fromEntries(
    schemas.map(([stream, schema]) => [
      stream,
      emitter(`${name}.${stream}`, schema, deliver(stream), bolt.reads),
    ]),
  );
}

/** The same, but their rows hang on `anchor` whenever they are called. */
export function bound(emitters: Emitters, visit: Visit, anchor: Anchor): Emitters {
  const resume = (run: () => void): void => {
    if (isSettled(anchor)) throw new RowError('A row was emitted after its input was done.');
    visit.resume(anchor, run);
  };
  const bind = (emit: Emitter): Emitter =>
    Object.assign((row: object) => resume(() => emit(row)), {
      from: (row: object, fields: object) => resume(() => emit.from(row, fields)),
      [OVER]: (source: object) => emit[OVER](source),
      [CUT]: (fields: object) => resume(() => emit[CUT](fields)),
    });
  return Object.fromEntries(Object.entries(emitters).map(([stream, emit]) => [stream, bind(emit)]));
}
