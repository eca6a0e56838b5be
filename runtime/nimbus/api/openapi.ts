/** The OpenAPI 3.1 document of the API, made of its routes and the shapes of what they take and give. @module */
import { z } from 'zod';
import {
  ScaleRequest,
  ScaleResult,
  Submission,
  UpgradeRequest,
  UpgradeResult,
} from '../operations.js';
import {
  ComponentStatus,
  EdgeStatus,
  History,
  Limit,
  TopologyStatus,
  TopologySummary,
  WorkerStatus,
} from '../status.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';

type Schema = { readonly [name: string]: unknown };

/** Where the document itself is. */
export const DOCUMENT_PATH = '/openapi.json';

const ANSWERS = {
  ...{ TopologySummary, TopologyStatus, ComponentStatus, EdgeStatus, WorkerStatus, Limit },
  ...{ History, ScaleResult, UpgradeResult, Problem },
};
/** Any value of JSON: it holds others, so it must have a name. */
const Json = Submission.shape.parameters.unwrap().valueType;
const REQUESTS = { Submission, ScaleRequest, UpgradeRequest, Json };

export const openApi = (routes: readonly Route[]): Schema => ({
  openapi: '3.1.0',
  info: {
    title: 'Squall',
    version: '1',
    description:
      'What nimbus can be asked. Whatever changes something, or shows rows or logs, needs the token.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [],
  paths: pathsOf(routes),
  components: {
    schemas: { ...schemasOf(ANSWERS, 'output'), ...schemasOf(REQUESTS, 'input') },
    responses: { Problem: { description: 'What went wrong.', content: PROBLEM } },
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  },
});

const reference = (name: string): string => `#/components/schemas/${name}`;

const PROBLEM = { 'application/problem+json': { schema: { $ref: reference('Problem') } } };

/** Each by its name, with references to each other. */
function schemasOf(named: { readonly [name: string]: z.ZodType }, io: 'input' | 'output'): Schema {
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(named)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: reference });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]));
}

/** The document says which dialect it is, and where each is. */
function bare({ $schema: _, $id: __, ...schema }: Schema): Schema {
  return schema;
}

function pathsOf(routes: readonly Route[]): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) (paths[pathOf(route)] ??= {})[route.method] = operationOf(route);
  paths[DOCUMENT_PATH] = {
    get: {
      operationId: 'openapi',
      summary: 'This document.',
      responses: { 200: { description: 'OK', content: { 'application/json': { schema: {} } } } },
    },
  };
  return paths;
}

/** `/topologies/{name}` */
const pathOf = ({ path }: Route): string => path.replaceAll(/:(\w+)/g, '{$1}');

function operationOf(route: Route): Schema {
  const { id, summary, needsToken, body, status, refuses } = route;
  const problems = [...(needsToken ? ([401] as const) : []), 403, ...refuses];
  const content = body && { 'application/json': { schema: schemaOf(body, 'input') } };
  return {
    operationId: id,
    summary,
    ...(needsToken && { security: [{ token: [] }] }),
    parameters: parametersOf(route),
    ...(content && { requestBody: { required: true, content } }),
    responses: {
      [status]: { description: 'OK', content: contentOf(route) },
      ...Object.fromEntries(
        problems.map((each) => [each, { $ref: '#/components/responses/Problem' }]),
      ),
    },
  };
}

function contentOf({ gives }: Route): Schema {
  return typeof gives === 'string'
    ? { [gives]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: schemaOf(gives, 'output') } };
}

function parametersOf({ path, query }: Route): Schema[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  if (query === undefined) return inPath;
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return [...inPath, ...inQuery];
}

/** A reference where the shape has a name. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Schema {
  const [name] =
    Object.entries({ ...ANSWERS, ...REQUESTS }).find(([, each]) => each === shape) ?? [];
  if (name !== undefined) return { $ref: reference(name) };
  if (shape instanceof z.ZodArray && shape.element instanceof z.ZodType)
    return { type: 'array', items: schemaOf(shape.element, io) };
  return bare(z.toJSONSchema(shape, { io }));
}
