import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { topology, type Topology } from '../../../topology/dsl/topology.js';
import { parametersOf, parseParameters } from '../../../topology/plan/parameters.js';
import { errorOf } from './support.js';

const params = z.object({
  file: z.string().describe('The log to read'),
  tasks: z.number().int().min(1).default(2),
  mode: z.enum(['follow', 'once']).optional(),
  kafka: z
    .object({ brokers: z.array(z.string()), from: z.union([z.string(), z.number()]).optional() })
    .optional(),
});
const job = topology('job', { params }, () => undefined);
const plain = topology('plain', () => undefined);

const refused = (which: Topology, given: unknown) => errorOf(() => parseParameters(which, given));

test('fills in what has a default', () => {
  expect(parseParameters(job, { file: 'a.log' })).toEqual({ file: 'a.log', tasks: 2 });
  expect(parseParameters(plain)).toEqual({});
});

test('names every parameter that does not fit, and what was expected', () => {
  const error = refused(job, { tasks: 0, mode: 'twice', kafka: { brokers: 'k:9092' } });
  expect(error.code).toBe('bad-parameters');
  expect(error.message).toContain('Topology "job"');
  expect(error.message).toContain('Parameter "file": expected string, got nothing');
  expect(error.message).toContain('Parameter "tasks": Too small: expected number to be >=1');
  expect(error.message).toContain('Parameter "mode": expected one of "follow"|"once"');
  expect(error.message).toContain('Parameter "kafka.brokers": expected array, received string');
});

test('refuses a parameter that there is not, at any depth, and names the nearest', () => {
  const error = refused(job, { file: 'a.log', taks: 3, kafka: { brokers: [], form: 'x' } });
  expect(error.code).toBe('bad-parameters');
  expect(error.message).toContain('There is no parameter "taks". Did you mean "tasks"?');
  expect(error.message).toContain('There is no parameter "kafka.form". Did you mean "from"?');
});

test('lists what there is when nothing is near', () => {
  expect(refused(job, { file: 'a.log', colour: 'red' }).message).toContain(
    'There is no parameter "colour". Known: file, tasks, mode, kafka.',
  );
});

test('a topology without parameters refuses all', () => {
  const error = refused(plain, { file: 'a.log' });
  expect(error.code).toBe('bad-parameters');
  expect(error.message).toBe('Topology "plain": There is no parameter "file".');
});

test('a schema that says strict itself, and one that transforms, are held to the same', () => {
  for (const schema of [params.strict(), params.transform((given) => given)]) {
    const error = refused(
      topology('job', { params: schema }, () => undefined),
      { file: 'a.log', fil: 'b' },
    );
    expect(error.message.match(/"fil"/g)).toHaveLength(1);
    expect(error.message).toContain('Did you mean "file"?');
  }
});

test('a schema that takes any name takes it', () => {
  const open = topology('open', { params: z.looseObject({ file: z.string() }) }, () => undefined);
  expect(parseParameters(open, { file: 'a', more: 1 })).toEqual({ file: 'a', more: 1 });
});

test('a key that only the schema itself refuses is told by its message', () => {
  const either = z.union([z.strictObject({ a: z.string() }), z.strictObject({ b: z.string() })]);
  expect(
    refused(
      topology('either', { params: either }, () => undefined),
      { c: 'x' },
    ).code,
  ).toBe('bad-parameters');
});

test.each([[5], ['file'], [[1]]])('refuses %p in place of an object', (given) => {
  expect(refused(job, given).code).toBe('bad-parameters');
});

test('describes each parameter as its schema does', () => {
  expect(parametersOf(job)).toEqual([
    { name: 'file', type: 'string', required: true, description: 'The log to read' },
    { name: 'tasks', type: 'integer', required: false, default: 2 },
    { name: 'mode', type: '"follow" | "once"', required: false },
    { name: 'kafka', type: 'object', required: false },
  ]);
  expect(parametersOf(plain)).toEqual([]);
});

test('writes lists and choices of types out', () => {
  const types = z.object({
    list: z.array(z.number()),
    either: z.union([z.string(), z.number()]),
    one: z.literal(1),
    any: z.any(),
  });
  expect(
    parametersOf(topology('t', { params: types }, () => undefined)).map(({ type }) => type),
  ).toEqual(['array of number', 'string | number', '1', 'any']);
});
