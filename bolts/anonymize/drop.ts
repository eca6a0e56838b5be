/** Leaves a field out. @module */
import type { PiiKind } from '../../topology/rows/pii.js';
import type { Rule } from './rule.js';

/**
 * The strongest rule: the rows that leave do not have the field.
 *
 * @example
 * anonymize(Request, { x_forwarded_for: drop() });
 */
export const drop = (): Rule<PiiKind, 'dropped'> => ({
  method: 'drop',
  parameters: {},
  reads: ['text', 'int', 'float', 'flag', 'bytes', 'time', 'list'],
  emits: 'dropped',
  compile: () => () => null,
});
