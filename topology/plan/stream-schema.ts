/** The schema of the rows that a stream has. @module */
import type { DeclaredNode } from '../dsl/topology.js';
import type { Schema } from '../rows/schema.js';

/** @throws Error for a sink, which writes no stream */
export function streamSchema(node: DeclaredNode, stream: string): Schema {
  if (node.role === 'spout') return node.component.emits;
  if (node.role === 'sink') throw new Error(`The sink "${node.name}" has no streams.`);
  return (node.component.emits as { readonly [stream: string]: Schema })[stream]!;
}
