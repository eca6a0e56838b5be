/** `--set name=value` on the command line, as the values that the topology's schema expects. @module */
import { parametersOf } from '../topology/plan/parameters.js';
import type { Topology } from '../topology/dsl/topology.js';
import { CommandError } from './exit-codes.js';

/**
 * Text that looks like the type of its parameter becomes that type; whether it fits is the schema's to say.
 * @throws CommandError for an entry that is no `name=value`
 */
export function parametersFrom(topology: Topology, settings: readonly string[]): Record<string, unknown> {
  const types = new Map(parametersOf(topology).map(({ name, type }) => [name, type]));
  const parameters: Record<string, unknown> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) throw new CommandError(`--set takes name=value, not "${setting}".`);
    const name = setting.slice(0, at);
    parameters[name] = valueOf(setting.slice(at + 1), types.get(name) ?? 'string');
  }
  return parameters;
}

function valueOf(text: string, type: string): unknown {
  if (/^(integer|number)/.test(type) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type.startsWith('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (type.startsWith('array')) return text === '' ? [] : text.split(',').map((item) => item.trim());
  return text;
}
