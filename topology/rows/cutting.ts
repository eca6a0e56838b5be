/**
 * What bolts that cut bytes into fields find in `emit` beside the rest.
 *
 * Symbols that the package does not export: whoever has the base that `OVER` returns reads the
 * bytes of a sealed text, which is for `squall/reveal` and the parsers that ship.
 *
 * @module
 */

/** A base over the memory of a text, to fill. */
export const OVER: unique symbol = Symbol('over');
/** Emits what was prepared. */
export const CUT: unique symbol = Symbol('cut');
