/** Fields that are personal in every log, declared open. @module */
import type { Field } from '../../topology/rows/field.js';
import type { Schema } from '../../topology/rows/schema.js';
import { Request } from './request.js';

/** Whether `emits` has a field open that is sealed in `Request`: what is in it is still what the line said. */
export const isUnsealed = (name: string, emits: Schema): boolean =>
  fieldOf(Request, name)?.pii !== undefined && fieldOf(emits, name)?.pii === undefined;

const fieldOf = ({ fields }: Schema, name: string): Field | undefined =>
  (fields as { readonly [name: string]: Field })[name];
