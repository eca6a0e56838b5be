/** `--set name=value` on the command line, as the values that the topology's schema expects. @module */
import { inspect } from 'node:util';
import { Option } from 'commander';
import { build, type Built } from '../topology/plan/build.js';
import { describe, type TopologyDescription } from '../topology/plan/describe.js';
import { parametersOf } from '../topology/plan/parameters.js';
import { TopologyError } from '../topology/plan/topology-error.js';
import type { Topology } from '../topology/dsl/topology.js';
import { refuseExit } from './early-exit.js';
import { CommandError } from './exit-codes.js';

export interface Planned {
  readonly built: Built;
  /** As they were given, without defaults: a worker builds the same plan of them. */
  readonly parameters: Record<string, unknown>;
}

export const setOption = (): Option =>
  new Option('--set <name=value>', 'a parameter of the topology; may be given again').argParser(
    (value: string, values: readonly string[] = []) => [...values, value],
  );

/**
 * Builds a topology with the parameters given on the command line.
 *
 * @throws CommandError, TopologyError when they do not fit, or the topology cannot be built with them
 */
export function planned(topology: Topology, settings: readonly string[] = []): Planned {
  const parameters = parametersFrom(topology, settings);
  return { built: forTheUser(topology, () => build(topology, parameters)), parameters };
}

/**
 * Describes a topology with the parameters given on the command line.
 *
 * @throws CommandError, TopologyError as `planned` does, but not when one is missing
 */
export function described(
  topology: Topology,
  settings: readonly string[] = [],
): TopologyDescription {
  const parameters = parametersFrom(topology, settings);
  return forTheUser(topology, () => describe(topology, parameters));
}

function forTheUser<T>(topology: Topology, made: () => T): T {
  const allowExit = refuseExit('wired');
  try {
    return made();
  } catch (error) {
    // What a component says of its options is as much for the user.
    if (error instanceof TopologyError) throw error;
    const what = error instanceof Error ? error.message : `it threw ${inspect(error)}, no Error.`;
    throw new CommandError(`Topology "${topology.name}": ${what}`);
  } finally {
    allowExit();
  }
}

/** Text that looks like the type of its parameter becomes that type; what else must hold is the schema's to say. */
function parametersFrom(topology: Topology, settings: readonly string[]): Record<string, unknown> {
  const types = new Map(parametersOf(topology).map(({ name, type }) => [name, type]));
  const entries = settings.map((setting) => {
    const at = setting.indexOf('=');
    if (at < 1) throw new CommandError(`--set takes name=value, not "${setting}".`);
    const name = setting.slice(0, at);
    return [name, valueOf(name, setting.slice(at + 1), types.get(name) ?? 'string')] as const;
  });
  // Makes a member of each, `__proto__` too: a name that is set on an object need not be one.
  return Object.fromEntries(entries);
}

function valueOf(name: string, text: string, type: string): unknown {
  if (type.startsWith('array'))
    return text === '' ? [] : text.split(',').map((item) => item.trim());
  if (type.startsWith('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  const number = text.trim() === '' ? NaN : Number(text);
  if (/^(integer|number)/.test(type) && Number.isFinite(number)) return number;
  const expected = EXPECTED[type];
  if (expected === undefined) return text;
  throw new CommandError(`Parameter "${name}" takes ${expected}, not "${text}".`);
}

/** By type, what is not any text. */
const EXPECTED: { readonly [type: string]: string } = {
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
};
